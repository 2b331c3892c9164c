export default {
  categories: {
    title: '事项分类', current: '当前版本', version: '第 {v} 版', builtin: '内置分类（尚未导入）', items: '共 {n} 项', filter: '按名称或编码筛选', import: '导入新版本', export: '导出为 CSV',
    versions: '历次导入', versionColumn: '版本', at: '导入时间', by: '导入人', size: '项数', inUse: '使用中', initial: '随系统建立', none: '还没有导入记录',
    note: '导入后立即生效；已办结的工单保留办结时的版本。工作台重新打开后使用新的分类。',
    preview: '导入预览', file: '文件', label: '版本名称', labelNeeded: '请填写版本名称', choose: '选择文件',
    fileHint: 'CSV（编码、上级编码、名称、外部编码；某个接收单位的编码用“外部编码:对接桥名称”一列）或 JSON。可先导出当前版本，修改后再导入。',
    notATree: '无法识别该文件：CSV 首行须有“编码”和“名称”列，JSON 须含 items', confirm: '确认导入（共 {n} 项）', same: '与当前版本没有差异', done: '已导入第 {v} 版，共 {n} 项',
    kept: '未变', before: '现在', after: '导入后', kind: '变化', code: '编码', order: '仅显示顺序或版本名称可能不同',
    kinds: { added: '新增', removed: '删除', renamed: '改名', moved: '调整上级', recoded: '外部编码' },
    removedNote: '删除的类别不再能选用；未办结的工单若已选用，需要重新选择。',
    faults: '文件有 {n} 处问题，改正后才能导入', faultRow: '第 {n} 行', more: '其余 {n} 处未列出',
    faultKinds: { empty: '文件中没有类别', noCode: '缺少编码', noLabel: '缺少名称', twice: '编码重复', noParent: '上级编码不存在', loop: '上级关系形成了环' },
    columns: { code: '编码', parent: '上级编码', label: '名称', external_code: '外部编码' },
  },
}
