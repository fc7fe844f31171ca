import { drawFrame } from './frame.js';
import { svg } from './svg.js';

/** A column with rounded shoulders. */
function column(className, x, width, top, floor) {
  const height = floor - top;
  const r = Math.max(0, Math.min(4, width / 2, height));
  const d = `M${x} ${floor}v${-(height - r)}q0 ${-r} ${r} ${-r}h${width - 2 * r}q${r} 0 ${r} ${r}v${height - r}z`;
  return svg('path', { class: className, d });
}

/** Columns, with the previous period's beside them when there is one. Same shape as drawLine. */
export function drawColumns(size, data) {
  const main = data.series.find(({ role }) => role === 'main');
  const before = data.series.find(({ role }) => role === 'before');
  const known = data.series.flatMap(({ values }) => values).filter((value) => value !== null);
  const { group, x, y, band, left, floor } = drawFrame(size, data, Math.max(0, ...known), 'bands');
  const root = svg('svg', { viewBox: `0 0 ${size.width} ${size.height}` }, group);
  const width = Math.max(2, Math.min(46, band * 0.68));
  const share = before ? width / 2 - 1 : width;
  const columns = main.values.map((value, i) => {
    const start = x(i) - width / 2;
    if (before?.values[i] > 0) root.append(column('column before', start, share, y(before.values[i]), floor));
    if (!(value > 0)) return null;
    const drawn = column('column', before ? start + width / 2 + 1 : start, share, y(value), floor);
    root.append(drawn);
    return drawn;
  });
  const mark = (chosen) => {
    columns.forEach((drawn, i) => drawn?.classList.toggle('faded', chosen !== null && i !== chosen));
  };
  const count = data.labels.length;
  const nearest = (at) => Math.max(0, Math.min(count - 1, Math.floor((at - left) / band)));
  return { svg: root, count, at: (i) => ({ x: x(i), y: y(main.values[i] ?? 0) }), nearest, mark };
}
