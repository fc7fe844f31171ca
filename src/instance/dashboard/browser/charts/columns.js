import { barY } from '../library/plot.js';
import { axes } from './axes.js';
import { bandAt, bandsOf, draw, indicesOf, layerOn } from './drawing.js';

const RIGHT = 2;
const WIDEST = 46;
const NARROWEST = 2;

/** Columns, with the previous period's beside them when there is one. Same shape as drawLine. */
export function drawColumns(size, data) {
  const main = data.series.find(({ role }) => role === 'main');
  const before = data.series.find(({ role }) => role === 'before');
  const all = indicesOf(data.labels);
  const { frame, marks } = axes(size, data, RIGHT);
  const band = (size.width - frame.marginLeft - RIGHT) / all.length;
  const side = (band - Math.max(NARROWEST, Math.min(WIDEST, band * 0.68))) / 2;
  const half = band / 2 + 1;
  const columns = (some, series, insets, className) =>
    barY(some, {
      filter: (i) => series.values[i] > 0,
      x: (i) => i,
      y1: 0,
      y2: (i) => series.values[i],
      // The upper corners: Plot counts those of a bar as they are on the screen.
      ry1: 4,
      ...insets,
      className,
    });
  const mainColumns = (some) =>
    columns(some, main, { insetLeft: before ? half : side, insetRight: side }, 'column');

  const options = { ...frame, x: bandsOf(all) };
  const svg = draw({
    ...options,
    marks: [
      ...marks,
      before && columns(all, before, { insetLeft: side, insetRight: half }, 'column before'),
      mainColumns(all),
    ],
  });

  const [x, y] = [svg.scale('x'), svg.scale('y')];
  const drawChosen = layerOn(svg, options);
  // The others fade; the chosen one is drawn once more above itself.
  const mark = (i) => {
    svg.classList.toggle('has-chosen', i !== null);
    drawChosen(i === null ? [] : [mainColumns([i])]);
  };
  const nearest = (at) => bandAt(x, at);
  const at = (i) => ({ x: x.apply(i) + x.bandwidth / 2, y: y.apply(main.values[i] ?? 0) });
  return { svg, count: all.length, at, nearest, mark };
}
