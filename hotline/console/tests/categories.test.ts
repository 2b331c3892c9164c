import { describe, expect, it } from 'vitest'
import type { Category } from '@/api/types'
import { compare, counts, faults } from '@/categories/compare'
import { NotATree, readTree, writeTable } from '@/categories/file'

const one = (code: string, label: string, parent: string | null = null, external_code = ''): Category => ({ code, parent, label, external_code })
const BEFORE = [one('a', '民事'), one('a.1', '劳动争议', 'a'), one('a.2', '借贷', 'a', '0102'), one('b', '刑事')]
const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer

describe('compare', () => {
  it('tells added, removed, renamed, moved and recoded apart, by code', () => {
    const after = [one('a', '民事'), one('a.1', '劳动人事争议', 'b'), one('a.2', '借贷', 'a', '0103'), one('b', '刑事'), one('c', '行政')]
    const changes = compare(BEFORE, after)
    expect(counts(changes)).toEqual({ added: 1, removed: 0, renamed: 1, moved: 1, recoded: 1 })
    expect(changes).toContainEqual({ kind: 'moved', code: 'a.1', before: '民事 / 劳动争议', after: '刑事 / 劳动人事争议' })
    expect(changes).toContainEqual({ kind: 'added', code: 'c', before: '', after: '行政' })
    expect(compare(after, BEFORE).filter((change) => change.kind === 'removed')).toEqual([{ kind: 'removed', code: 'c', before: '行政', after: '' }])
  })
  it('finds nothing in another order of the same', () => {
    expect(compare(BEFORE, [...BEFORE].reverse())).toEqual([])
  })
})

describe('faults', () => {
  it('are named with their row', () => {
    const items = [one('a', '民事'), one('a', '再来'), one('', '无码'), one('d', ''), one('e', '戊', 'x'), one('f', '己', 'g'), one('g', '庚', 'f')]
    expect(faults(items).map((fault) => [fault.row, fault.kind])).toEqual([[2, 'twice'], [3, 'noCode'], [4, 'noLabel'], [5, 'noParent'], [6, 'loop'], [7, 'loop']])
    expect(faults([]).map((fault) => fault.kind)).toEqual(['empty'])
    expect(faults(BEFORE)).toEqual([])
  })
})

describe('files', () => {
  it('a table that was written is read again, whatever language its headings have', () => {
    const tree = { version: 3, label: '2026', items: [...BEFORE, { ...one('r', '甲', null, '10'), codes: { city: '0201', province: 'P.1' } }, one('q', '带"引号",和逗号\n的名称')] }
    for (const heading of [(column: string) => column, (column: string) => ({ code: '编码', parent: '上级编码', label: '名称', external_code: '外部编码' })[column] ?? '']) {
      expect(readTree('2026.csv', bytes(writeTable(tree, heading)))).toEqual({ label: '2026', items: tree.items })
    }
  })
  it('takes JSON as the service shows it, and a bare list', () => {
    expect(readTree('x.json', bytes(JSON.stringify({ label: '新版', items: BEFORE })))).toEqual({ label: '新版', items: BEFORE })
    expect(readTree('列表.json', bytes(JSON.stringify(BEFORE)))).toEqual({ label: '列表', items: BEFORE })
  })
  it('takes what Chinese spreadsheets write: GB 18030, tabs, no last columns', () => {
    // 编码<tab>名称 / a<tab>民事
    const gbk = new Uint8Array([0xb1, 0xe0, 0xc2, 0xeb, 9, 0xc3, 0xfb, 0xb3, 0xc6, 13, 10, 0x61, 9, 0xc3, 0xf1, 0xca, 0xc2, 13, 10]).buffer
    expect(readTree('x.csv', gbk).items).toEqual([one('a', '民事')])
  })
  it.each([['x.json', '{'], ['x.json', '{"items": 1}'], ['x.csv', 'a,b\n1,2'], ['x.csv', '']])('refuses %s %j', (name, text) => {
    expect(() => readTree(name, bytes(text))).toThrow(NotATree)
  })
})
