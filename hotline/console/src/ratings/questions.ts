/** What is rated, in the order in which callers are asked. */
export const QUESTIONS = ['attitude', 'efficiency', 'skill', 'policy'] as const
export type Question = (typeof QUESTIONS)[number]
