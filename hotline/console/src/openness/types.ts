/** What the service says of what is published about the services. */

export interface OpenService { title: string; matter: string; channels: string; unit: string; procedure: string[]; materials: string[]; standard: string; fee: string }
export interface OpenContent { intro: string; hours: string; complaint_phone: string; complaint_note: string; services: OpenService[] }
export interface Openness { version: number; content: OpenContent; standards: Record<string, string[]> }
export interface OpennessVersion { version: number; at: string; by: string }
