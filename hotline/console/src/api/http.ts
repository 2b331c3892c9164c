/** How does the console talk to the service? One function; every failure is a `Problem` with a stable code. */

export interface FieldError { field?: string; loc?: string; message?: string; title?: string }

export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly title: string,
    readonly status: number,
    readonly detail = '',
    readonly errors: FieldError[] = [],
    /** The whole answer: some problems carry more, e.g. the ticket as it is now. */
    readonly body: Record<string, unknown> = {},
  ) {
    super(title || code)
  }

  /** The service could not be reached, or is not able to answer: worth another try. */
  get isAway(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504
  }
}

export interface Answer<T> { data: T; etag: string | null }

const BASE = '/api/v1'
/** A call that hangs is worse than one that fails: the desk shows the link state and tries again. */
const PATIENCE_MS = 15_000

let onSignedOut: () => void = () => {}

/** Called once for each answer that says the session is over. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

export type Query = Record<string, string | number | boolean | null | undefined>

export function address(path: string, query: Query = {}): string {
  const filled = Object.entries(query).filter(([, value]) => value !== undefined && value !== null && value !== '')
  const text = new URLSearchParams(filled.map(([key, value]) => [key, String(value)])).toString()
  return BASE + path + (text ? `?${text}` : '')
}

export async function ask<T>(
  method: string,
  path: string,
  options: { body?: unknown; query?: Query; etag?: string | null; key?: string } = {},
): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (method !== 'GET') headers['X-Console'] = '1'
  if (options.body !== undefined) headers['Content-Type'] = options.body instanceof Blob ? 'audio/wav' : 'application/json'
  if (options.etag) headers['If-Match'] = options.etag
  if (options.key) headers['Idempotency-Key'] = options.key
  let response: Response
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      body: options.body === undefined || options.body instanceof Blob ? options.body : JSON.stringify(options.body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout?.(PATIENCE_MS),
    })
  } catch {
    throw new Problem('unreachable', '', 0)
  }
  if (!response.ok) throw await problemOf(response)
  const etag = response.headers.get('ETag')
  if (response.status === 204) return { data: undefined as T, etag }
  return { data: (await response.json()) as T, etag }
}

export async function get<T>(path: string, query?: Query): Promise<T> {
  return (await ask<T>('GET', path, { query })).data
}

export async function post<T>(path: string, body: unknown = {}): Promise<T> {
  return (await ask<T>('POST', path, { body })).data
}

async function problemOf(response: Response): Promise<Problem> {
  let body: Record<string, unknown> = {}
  try {
    body = (await response.json()) as Record<string, unknown>
  } catch {
    // A proxy's own error page: the status alone has to do.
  }
  const code = String(body.code ?? `http_${response.status}`)
  if (response.status === 401 && code === 'not_signed_in') onSignedOut()
  return new Problem(
    code,
    String(body.title ?? ''),
    response.status,
    String(body.detail ?? ''),
    Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
    body,
  )
}
