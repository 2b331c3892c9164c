import type zh from '../zh/categories'

const en: typeof zh = {
  categories: {
    title: 'Categories', current: 'In use', version: 'Version {v}', builtin: 'The tree that comes along (none imported yet)', items: '{n} in all', filter: 'Name or code', import: 'Import a version', export: 'Export as CSV',
    versions: 'Imports', versionColumn: 'Version', at: 'Imported', by: 'By', size: 'Items', inUse: 'in use', initial: 'built in', none: 'Nothing imported yet',
    note: 'An import counts at once; closed tickets keep the version they were closed under. Desks use it once they are opened again.',
    preview: 'Preview of the import', file: 'File', label: 'Name of the version', labelNeeded: 'Give the version a name', choose: 'Choose a file',
    fileHint: 'CSV (code, parent, label, external_code; a receiver’s own codes in a column “external code:bridge”) or JSON. Export the version in use, change it, import it.',
    notATree: 'Not a category file: the first row of a CSV needs the columns code and label, a JSON needs items', confirm: 'Import ({n} in all)', same: 'No difference from the version in use', done: 'Version {v} imported, {n} in all',
    kept: 'Unchanged', before: 'Now', after: 'After', kind: 'Change', code: 'Code', order: 'Only the order or the name of the version may differ',
    kinds: { added: 'Added', removed: 'Removed', renamed: 'Renamed', moved: 'Moved', recoded: 'External code' },
    removedNote: 'Removed categories can no longer be chosen; open tickets that have one need another.',
    faults: '{n} faults in the file: mend them first', faultRow: 'Row {n}', more: '{n} more',
    faultKinds: { empty: 'No categories in the file', noCode: 'No code', noLabel: 'No name', twice: 'Code used twice', noParent: 'The parent does not exist', loop: 'The parents form a loop' },
    columns: { code: 'Code', parent: 'Parent code', label: 'Name', external_code: 'External code' },
  },
}
export default en
