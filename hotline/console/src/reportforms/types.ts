/** What the service says of report forms. */

export interface ReportForm { name: string; bytes: number; changed_at: string }
export interface Place { name: string; label: string }
