import { areaY, dot, line, ruleX } from '../library/plot.js';
import { axes } from './axes.js';
import { draw, indicesOf, layerOn } from './drawing.js';

const RIGHT = 14;
const DOT = 4.5;

/**
 * Line over time with the previous period behind it. The last step that is known is dotted when its day, or its hour, is
 * not over: what is not over is not less. Where a value is missing there is a gap.
 * @param data {labels, titles, unit, series: [{name, values, role: 'main' | 'before' | 'second'}], open: boolean}
 * @returns {{svg: SVGElement, count: number, at: (i) => {x, y}, nearest: (x) => number, mark: (i | null) => void}}
 */
export function drawLine(size, data) {
  const main = data.series.find(({ role }) => role === 'main');
  const before = data.series.find(({ role }) => role === 'before' || role === 'second');
  const all = indicesOf(data.labels);
  const last = all.length - 1;
  const place = (series) => ({ x: (i) => i, y: (i) => series.values[i] });
  // A line through one point cannot be seen.
  const isKnown = (i) => (main.values[i] ?? null) !== null;
  const running = data.open ? all.findLast(isKnown) : undefined;
  const isOpen = running > 0;
  const closed = isOpen ? all.slice(0, running) : all;
  const alone = all.filter((i) => isKnown(i) && !isKnown(i - 1) && !isKnown(i + 1));
  const lineOf = (some, series, className) => line(some, { ...place(series), className });
  const dotOf = (some, series, className) => dot(some, { ...place(series), r: DOT, className });

  const { frame, marks } = axes(size, data, RIGHT);
  const options = { ...frame, x: { type: 'linear', domain: [0, last] } };
  const svg = draw({
    ...options,
    marks: [
      ...marks,
      before && lineOf(all, before, 'line-before'),
      areaY(closed, { x: (i) => i, y1: 0, y2: (i) => main.values[i], className: 'area-main' }),
      lineOf(closed, main, 'line-main'),
      isOpen ? lineOf([running - 1, running], main, 'line-main line-open') : null,
      dotOf(alone, main, 'dot-main'),
    ],
  });

  const [x, y] = [svg.scale('x'), svg.scale('y')];
  const drawGuide = layerOn(svg, options);
  const mark = (i) => {
    if (i === null) return drawGuide([]);
    const dots = [before && dotOf([i], before, 'dot-before'), dotOf([i], main, 'dot-main')];
    drawGuide([ruleX([i], { className: 'guide' }), ...dots]);
  };
  const nearest = (at) => Math.max(0, Math.min(last, Math.round(x.invert(at))));
  const at = (i) => ({ x: x.apply(i), y: y.apply(main.values[i] ?? 0) });
  return { svg, count: all.length, at, nearest, mark };
}
