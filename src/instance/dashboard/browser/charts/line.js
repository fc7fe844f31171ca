import { drawFrame } from './frame.js';
import { svg } from './svg.js';

/** Path through the known values; a gap where one is missing. */
function path(values, x, y, from = 0) {
  let isOpen = false;
  return values
    .map((value, i) => {
      if (value === null) {
        isOpen = false;
        return '';
      }
      const command = isOpen ? 'L' : 'M';
      isOpen = true;
      return `${command}${x(i + from).toFixed(1)} ${y(value).toFixed(1)}`;
    })
    .join('');
}

/**
 * Line over time with the previous period behind it. The last step is dotted when its day is not over.
 * @param data {labels, titles, unit, series: [{name, values, role: 'main' | 'before' | 'second'}], open: boolean}
 * @returns {{svg: SVGElement, count: number, at: (i) => {x, y}, nearest: (x) => number, mark: (i | null) => void}}
 */
export function drawLine(size, data) {
  const main = data.series.find(({ role }) => role === 'main');
  const before = data.series.find(({ role }) => role === 'before' || role === 'second');
  const known = data.series.flatMap(({ values }) => values).filter((value) => value !== null);
  const { group, x, y, left, right, floor } = drawFrame(size, data, Math.max(0, ...known), 'points');
  const count = data.labels.length;
  const root = svg('svg', { viewBox: `0 0 ${size.width} ${size.height}` }, group);

  if (before) root.append(svg('path', { class: 'line-before', d: path(before.values, x, y) }));
  const isOpen = data.open && count > 1;
  const closed = isOpen ? main.values.slice(0, -1) : main.values;
  const first = closed.findIndex((value) => value !== null);
  const last = closed.length - 1;
  if (first >= 0 && !closed.slice(first).includes(null)) {
    const d = `${path(closed.slice(first), x, y, first)}L${x(last)} ${floor}L${x(first)} ${floor}Z`;
    root.append(svg('path', { class: 'area-main', d }));
  }
  root.append(svg('path', { class: 'line-main', d: path(closed, x, y) }));
  if (isOpen) {
    root.append(
      svg('path', { class: 'line-main line-open', d: path(main.values.slice(-2), x, y, count - 2) }),
    );
  }
  if (count === 1 && main.values[0] !== null) {
    root.append(svg('circle', { class: 'dot-main', r: 4.5, cx: x(0), cy: y(main.values[0]) }));
  }

  const guide = svg('g', { visibility: 'hidden' });
  root.append(guide);
  const mark = (i) => {
    guide.setAttribute('visibility', i === null ? 'hidden' : 'visible');
    if (i === null) return;
    guide.replaceChildren(svg('line', { class: 'guide', x1: x(i), x2: x(i), y1: 6, y2: floor }));
    for (const [series, name] of [
      [before, 'dot-before'],
      [main, 'dot-main'],
    ]) {
      const value = series?.values[i] ?? null;
      if (value !== null) guide.append(svg('circle', { class: name, r: 4.5, cx: x(i), cy: y(value) }));
    }
  };
  const nearest = (at) =>
    Math.max(0, Math.min(count - 1, Math.round(((at - left) / (right - left)) * (count - 1))));
  return { svg: root, count, at: (i) => ({ x: x(i), y: y(main.values[i] ?? 0) }), nearest, mark };
}
