import { formatValue } from './format.js';
import { svg } from './svg.js';

const LEFT = 44;
const TOP = 2;
const BOTTOM = 46;

/**
 * Rows by columns, the darker the more. Indices run row by row.
 * @param data {rows: string[], columns: string[], titles: string[], unit, series: [{name, values}]}
 */
export function drawHeatmap(size, data) {
  const { rows, columns, unit } = data;
  const values = data.series[0].values;
  const max = Math.max(0, ...values.filter((value) => value !== null));
  const width = (size.width - LEFT) / columns.length;
  const height = (size.height - TOP - BOTTOM) / rows.length;
  const place = (i) => ({
    x: LEFT + (i % columns.length) * width,
    y: TOP + Math.floor(i / columns.length) * height,
  });
  const root = svg('svg', { viewBox: `0 0 ${size.width} ${size.height}` });
  const gap = width < 14 ? 1 : 2.5;
  const box = (className, i, more = {}) =>
    svg('rect', {
      class: className,
      x: place(i).x + gap / 2,
      y: place(i).y + gap / 2,
      width: Math.max(1, width - gap),
      height: Math.max(1, height - gap),
      rx: Math.min(4, width / 4),
      ...more,
    });

  values.forEach((value, i) => {
    root.append(box('cell-back', i));
    if (value > 0)
      root.append(box('cell-value', i, { 'fill-opacity': (0.1 + 0.9 * (value / max)).toFixed(3) }));
  });
  rows.forEach((name, row) => {
    const y = TOP + (row + 0.5) * height + 4;
    root.append(svg('text', { x: LEFT - 10, y, 'text-anchor': 'end' }, name));
  });
  const every = Math.max(1, Math.ceil((columns.length * 26) / (size.width - LEFT)));
  columns.forEach((name, i) => {
    if (i % every !== 0) return;
    const x = LEFT + (i + 0.5) * width;
    root.append(svg('text', { x, y: size.height - BOTTOM + 16, 'text-anchor': 'middle' }, name));
  });
  drawLegend(root, size, max, unit);

  const ring = box('cell-ring', 0, { visibility: 'hidden' });
  root.append(ring);
  const mark = (i) => {
    ring.setAttribute('visibility', i === null ? 'hidden' : 'visible');
    if (i === null) return;
    ring.setAttribute('x', String(place(i).x + gap / 2));
    ring.setAttribute('y', String(place(i).y + gap / 2));
  };
  const nearest = (x, y) => {
    const column = Math.max(0, Math.min(columns.length - 1, Math.floor((x - LEFT) / width)));
    const row = Math.max(0, Math.min(rows.length - 1, Math.floor((y - TOP) / height)));
    return row * columns.length + column;
  };
  const at = (i) => ({ x: place(i).x + width / 2, y: place(i).y });
  return { svg: root, count: values.length, perRow: columns.length, at, nearest, mark };
}

/** From nothing to the most, with the number of each. */
function drawLegend(root, size, max, unit) {
  const y = size.height - 15;
  const steps = [0, 0.25, 0.5, 0.75, 1];
  const text = formatValue(max, unit);
  const end = size.width - text.length * 7 - 8;
  steps.forEach((step, i) => {
    const x = end - (steps.length - i) * 20;
    root.append(svg('rect', { class: 'cell-back', x, y, width: 18, height: 11, rx: 3 }));
    const opacity = step === 0 ? 0 : 0.1 + 0.9 * step;
    root.append(
      svg('rect', { class: 'cell-value', x, y, width: 18, height: 11, rx: 3, 'fill-opacity': opacity }),
    );
  });
  root.append(svg('text', { x: end - steps.length * 20 - 8, y: y + 10, 'text-anchor': 'end' }, '0'));
  root.append(svg('text', { x: end + 6, y: y + 10 }, text));
}
