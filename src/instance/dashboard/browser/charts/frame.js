import { formatTick } from './format.js';
import { secondTicks, spacedLabels, ticks } from './scale.js';
import { svg } from './svg.js';

const BOTTOM = 24;
const TOP = 8;
const CHAR = 7;

/**
 * Axes of a chart with values upward and labels along the bottom.
 * @param {{width: number, height: number}} size in pixels
 * @param {{labels: string[], unit: string}} data
 * @param {number} max largest value
 * @param {'points' | 'bands'} kind where a label stands: at a point, or in the middle of its band
 * @returns {{group: SVGElement, x: (i: number) => number, y: (v: number) => number, band: number, left: number,
 *   right: number, floor: number}}
 */
export function drawFrame(size, { labels, unit }, max, kind) {
  const wanted = size.height < 180 ? 3 : 4;
  const values = unit === 'seconds' ? secondTicks(max, wanted) : ticks(max, wanted, unit === 'count');
  const texts = values.map((value) => formatTick(value, unit));
  const left = Math.max(...texts.map((text) => text.length)) * CHAR + 10;
  const right = size.width - (kind === 'points' ? 14 : 2);
  const floor = size.height - BOTTOM;
  const top = values.at(-1);
  const y = (value) => floor - ((floor - TOP) * value) / top;
  const band = (right - left) / Math.max(1, labels.length);
  const step = (right - left) / Math.max(1, labels.length - 1);
  const x = (i) => {
    if (kind === 'bands') return left + band * (i + 0.5);
    return labels.length === 1 ? (left + right) / 2 : left + step * i;
  };
  const group = svg('g', { 'aria-hidden': 'true' });
  values.forEach((value, i) => {
    const at = Math.round(y(value)) + 0.5;
    group.append(
      svg('line', { class: i === 0 ? 'axis-line zero' : 'axis-line', x1: left, x2: right, y1: at, y2: at }),
    );
    group.append(svg('text', { x: left - 9, y: at + 4, 'text-anchor': 'end' }, texts[i]));
  });
  const widest = Math.max(...labels.map((label) => label.length)) * CHAR + 16;
  for (const i of spacedLabels(labels.length, right - left, widest)) {
    group.append(svg('text', { x: x(i), y: size.height - 5, 'text-anchor': 'middle' }, labels[i]));
  }
  return { group, x, y, band, left, right, floor };
}
