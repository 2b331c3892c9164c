import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { parse } from 'vue/compiler-sfc'
import { i18n } from '@/i18n'

const SOURCES = import.meta.glob<string>(['../src/**/*.ts', '../src/**/*.vue', '!../src/i18n/**'], { query: '?raw', import: 'default', eager: true })
/** Chinese by nature: file, and the text. */
const ALLOWED: readonly [string, string][] = [
  // What a site writes into its phrases for the reader's own number.
  ['desk/SidePanel.vue', '{工号}'],
]
/** How a language is called in itself. */
const ALLOWED_IN_ENGLISH = ['user.language', 'signIn.language']
// Letters, and the punctuation and full-width forms that go with them.
const CHINESE = /[\u2e80-\u2fdf\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]/

const { 'zh-CN': zh, en } = i18n.global.messages.value
const chinese = flat(zh)
const english = flat(en)

describe('catalogues', () => {
  it('have the same keys', () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort())
  })
  it('fill in the same values', () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()
    for (const [key, text] of chinese) expect([key, places(english.get(key) ?? '')]).toEqual([key, places(text)])
  })
  it('have no empty word, and no Chinese in English', () => {
    // «排队 3 人» needs a word that English does not.
    const empty = [...chinese, ...english].filter(([key, text]) => !text && key !== 'seat.waitingUnit')
    const foreign = [...english].filter(([key, text]) => CHINESE.test(text) && !ALLOWED_IN_ENGLISH.includes(key))
    expect([empty, foreign]).toEqual([[], []])
  })
})

describe('sources', () => {
  it.each(Object.entries(SOURCES))('%s says everything through the catalogues', (path, source) => {
    const name = path.replace('../src/', '')
    const found = texts(name, source).filter((text) => CHINESE.test(text) && !ALLOWED.some(([file, allowed]) => file === name && text === allowed))
    expect(found).toEqual([])
  })
  it('ask for words that exist', () => {
    const asked = Object.entries(SOURCES).flatMap(([path, source]) => [...source.matchAll(/(?<![\w.])t\('([\w.-]+)'/g)].map((match) => [path, match[1] ?? ''] as const))
    expect(asked.length).toBeGreaterThan(300)
    expect(asked.filter(([, key]) => !chinese.has(key) && ![...chinese.keys()].some((other) => other.startsWith(`${key}.`)))).toEqual([])
  })
  it('would be found out', () => {
    expect(texts('x.ts', "// 注释\nconst a = '示闲'; const b = `共 ${1} 人`")).toEqual(['示闲', '共 ', ' 人'])
    expect(texts('x.vue', '<template><b title="示忙"><!-- 注释 -->小休</b></template>').join()).toMatch(/示忙.*小休/)
    expect(texts('x.vue', '<template><!-- 注释 --></template><style>/* 注释 */</style>').join()).not.toMatch(CHINESE)
  })
})

/** Everything in a source that may be seen: literals of the script, the template without its comments, the style likewise. */
function texts(name: string, source: string): string[] {
  if (!name.endsWith('.vue')) return literals(source)
  const { descriptor } = parse(source)
  const scripts = [descriptor.script, descriptor.scriptSetup].flatMap((block) => (block ? literals(block.content) : []))
  const styles = descriptor.styles.map((style) => style.content.replace(/\/\*[\s\S]*?\*\//g, ''))
  return [...scripts, (descriptor.template?.content ?? '').replace(/<!--[\s\S]*?-->/g, ''), ...styles]
}

function literals(source: string): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) found.push(node.text)
    else if (ts.isRegularExpressionLiteral(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest))
  return found
}

function flat(tree: object, path = ''): Map<string, string> {
  return new Map(Object.entries(tree).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[path + key, value]] : [...flat(value as object, `${path}${key}.`)]))
}
