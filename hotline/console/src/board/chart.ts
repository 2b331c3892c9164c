/** The thirty-day chart: ECharts, loaded only when a report is looked at. */
import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use, type ECharts } from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import type { ReportDay } from '@/api/types'

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, CanvasRenderer])

export interface ChartWords { offered: string; answered: string; rate: string; sl15: string; calls: string; summary: string }

export function draw(element: HTMLElement): ECharts {
  return init(element)
}

export function option(days: ReportDay[], words: ChartWords, goal: number) {
  const share = (value: number | null | undefined) => (value === null || value === undefined ? null : Math.round(value * 1000) / 10)
  const font = { fontFamily: 'inherit', color: '#37424f' }
  const lowest = Math.min(100, ...days.flatMap((one) => [share(one.answer_rate.value), share(one.sl15?.value)]).filter((one): one is number => one !== null))
  return {
    aria: { enabled: true, label: { description: words.summary } },
    animation: false,
    textStyle: font,
    color: ['#b9cdea', '#3f78bf', '#177a45', '#a86b00'],
    grid: { left: 48, right: 52, top: 40, bottom: 28 },
    legend: { top: 4, itemGap: 18, textStyle: font },
    tooltip: { trigger: 'axis', textStyle: { fontFamily: 'inherit' } },
    xAxis: { type: 'category', data: days.map((one) => one.day.slice(5)), axisLabel: { color: '#56616f' }, axisTick: { show: false } },
    yAxis: [
      { type: 'value', name: words.calls, axisLabel: { color: '#56616f' }, splitLine: { lineStyle: { color: '#e6ebf1' } } },
      { type: 'value', min: Math.max(0, Math.floor(lowest / 10) * 10 - 10), max: 100, axisLabel: { color: '#56616f', formatter: '{value}%' }, splitLine: { show: false } },
    ],
    series: [
      { name: words.offered, type: 'bar', barMaxWidth: 14, barGap: '-100%', data: days.map((one) => one.offered) },
      { name: words.answered, type: 'bar', barMaxWidth: 14, data: days.map((one) => one.answered) },
      {
        name: words.rate, type: 'line', yAxisIndex: 1, symbolSize: 5, lineStyle: { width: 2 }, data: days.map((one) => share(one.answer_rate.value)),
        markLine: { silent: true, symbol: 'none', lineStyle: { color: '#c02a2a', type: 'dashed' }, label: { show: false }, data: [{ yAxis: goal * 100 }] },
      },
      { name: words.sl15, type: 'line', yAxisIndex: 1, symbol: 'emptyDiamond', symbolSize: 6, lineStyle: { width: 2, type: 'dotted' }, data: days.map((one) => share(one.sl15?.value)) },
    ],
  }
}
