/** How does a category tree look as a file? JSON as the service shows it, or a table (CSV) that spreadsheets open. */
import type { Category, CategoryTree } from '@/api/types'
import { languages } from '@/i18n'

export interface TreeFile { label: string; items: Category[] }

export class NotATree extends Error {}

const COLUMNS = ['code', 'parent', 'label', 'external_code'] as const
type Column = (typeof COLUMNS)[number]
/** Spreadsheets take a table for UTF-8 only with this mark. */
const MARK = '\ufeff'
/** As Chinese input methods write it. */
const WIDE_COLON = String.fromCharCode(0xff1a)

/** Reads what was chosen; `name` tells the kind and, for a table, gives the version its name. Raises `NotATree`. */
export function readTree(name: string, bytes: ArrayBuffer): TreeFile {
  const text = decode(bytes)
  if (/\.json$/i.test(name) || /^\s*[{[]/.test(text)) return readJson(text, name)
  return { label: plainName(name), items: readTable(text) }
}

/** The tree as a table with the headings of the reader's language. */
export function writeTable(tree: CategoryTree, heading: (column: Column) => string): string {
  // A receiver with codes of its own has a column of its own: “external code:city”.
  const receivers = [...new Set(tree.items.flatMap((one) => Object.keys(one.codes ?? {})))].sort()
  const rows = [
    [...COLUMNS.map(heading), ...receivers.map((name) => `${heading('external_code')}:${name}`)],
    ...tree.items.map((one) => [...COLUMNS.map((column) => one[column] ?? ''), ...receivers.map((name) => one.codes?.[name] ?? '')]),
  ]
  return MARK + rows.map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n'
}

function readJson(text: string, name: string): TreeFile {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    throw new NotATree()
  }
  const { label, items } = (Array.isArray(data) ? { items: data } : data) as { label?: unknown; items?: unknown }
  if (!Array.isArray(items)) throw new NotATree()
  return { label: typeof label === 'string' && label ? label : plainName(name), items: items.map(tidy) }
}

function readTable(text: string): Category[] {
  const [head = [], ...rows] = parseTable(text)
  const known = headings()
  const places = new Map(head.map((title, at) => [known.get(title.trim().toLowerCase()), at]))
  const receivers = head.flatMap((title, at): [string, number][] => {
    const [kind = '', name = ''] = title.replace(WIDE_COLON, ':').split(':').map((part) => part.trim())
    return name && known.get(kind.toLowerCase()) === 'external_code' ? [[name, at]] : []
  })
  const at = (row: string[], column: Column) => row[places.get(column) ?? -1]
  if (!places.has('code') || !places.has('label')) throw new NotATree()
  return rows.filter((row) => row.some((one) => one.trim())).map((row) => tidy({ ...Object.fromEntries(COLUMNS.map((column) => [column, at(row, column)])), codes: Object.fromEntries(receivers.map(([name, place]) => [name, row[place]])) }))
}

function tidy(row: unknown): Category {
  const { code, parent, label, external_code, codes: given } = (row ?? {}) as Record<string, unknown>
  const text = (value: unknown) => (value === null || value === undefined ? '' : String(value).normalize('NFC').trim())
  const codes = Object.fromEntries(Object.entries((given ?? {}) as Record<string, unknown>).map(([name, value]) => [name, text(value)]).filter(([, value]) => value))
  return { code: text(code), parent: text(parent) || null, label: text(label), external_code: text(external_code), ...(Object.keys(codes).length ? { codes } : {}) }
}

/** Column names as the service writes them, and as each language of the console calls them. */
function headings(): Map<string, Column> {
  const known = new Map<string, Column>(COLUMNS.map((column) => [column, column]))
  for (const words of languages()) for (const column of COLUMNS) known.set(words.categories.columns[column].toLowerCase(), column)
  return known
}

/** RFC 4180, with commas, semicolons or tabs. */
function parseTable(text: string): string[][] {
  const first = text.slice(0, text.search(/[\r\n]|$/))
  const comma = [',', '\t', ';'].find((one) => first.includes(one)) ?? ','
  const rows: string[][] = []
  let row: string[] = []
  let value = ''
  let isQuoted = false
  const endCell = () => {
    row.push(value)
    value = ''
  }
  const endRow = () => {
    endCell()
    rows.push(row)
    row = []
  }
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] ?? ''
    if (isQuoted) {
      if (letter !== '"') value += letter
      else if (text[at + 1] === '"') value += text[(at += 1)]
      else isQuoted = false
    } else if (letter === '"' && value === '') isQuoted = true
    else if (letter === comma) endCell()
    else if (letter === '\n') endRow()
    else if (letter !== '\r') value += letter
  }
  endRow()
  return rows
}

function cell(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

/** UTF-8, else what Chinese spreadsheets write. */
function decode(bytes: ArrayBuffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('gb18030').decode(bytes)
  }
}

function plainName(name: string): string {
  return name.replace(/\.[^.]*$/, '').slice(0, 60)
}
