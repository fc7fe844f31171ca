import { axisX, axisY, cell } from '../library/plot.js';
import { ticksUpTo, widthOf } from './axes.js';
import { bandAt, bandsOf, draw, indicesOf, layerOn } from './drawing.js';
import { formatTick } from './format.js';

const TOP = 2;
const BOTTOM = 60;
const LEGEND = 30;
const COLUMN_LABEL = 26;
const PLAIN = { tickSize: 0, label: null };

/**
 * Rows by columns, the darker the more. Indices run row by row.
 * @param data {rows: string[], columns: string[], titles: string[], unit, series: [{name, values}]}
 */
export function drawHeatmap(size, data) {
  const { rows, columns, unit } = data;
  const values = data.series[0].values;
  const left = widthOf(rows) + 16;
  const steps = ticksUpTo(Math.max(0, ...values.filter((value) => value !== null)), 4, unit);
  const width = (size.width - left) / columns.length;
  const look = { inset: width < 14 ? 0.5 : 1.25, rx: Math.min(4, width / 4) };
  const place = { x: (i) => i % columns.length, y: (i) => Math.floor(i / columns.length) };
  const every = Math.ceil((columns.length * COLUMN_LABEL) / (size.width - left));
  const all = indicesOf(values);
  const shade = { type: 'linear', domain: [0, steps.at(-1)], range: [0.1, 1] };

  const options = {
    ...size,
    marginLeft: left,
    marginRight: 0,
    marginTop: TOP,
    marginBottom: BOTTOM,
    x: bandsOf(columns),
    y: bandsOf(rows),
  };
  const svg = draw({
    ...options,
    opacity: shade,
    marks: [
      cell(all, { ...place, ...look, className: 'cell-back' }),
      shaded(all, values, { ...place, ...look }),
      axisY({ ...PLAIN, tickFormat: (row) => rows[row] }),
      axisX({
        ...PLAIN,
        ticks: indicesOf(columns).filter((i) => i % every === 0),
        tickFormat: (column) => columns[column],
      }),
    ],
  });
  svg.append(legend(size, steps, unit, shade));

  const [x, y] = [svg.scale('x'), svg.scale('y')];
  const drawRing = layerOn(svg, options);
  const mark = (i) => drawRing(i === null ? [] : [cell([i], { ...place, ...look, className: 'cell-ring' })]);
  const nearest = (atX, atY) => bandAt(y, atY) * columns.length + bandAt(x, atX);
  const at = (i) => ({ x: x.apply(place.x(i)) + x.bandwidth / 2, y: y.apply(place.y(i)) });
  return { svg, count: values.length, perRow: columns.length, at, nearest, mark };
}

/** The cells that are not nothing. */
function shaded(all, values, options) {
  const opacity = { value: (i) => values[i], scale: 'opacity' };
  return cell(all, {
    ...options,
    filter: (i) => values[i] > 0,
    fillOpacity: opacity,
    className: 'cell-value',
  });
}

/** A swatch for each step, with its number. */
function legend(size, steps, unit, shade) {
  const swatch = widthOf(steps.map((step) => formatTick(step, unit))) + 12;
  const width = Math.max(32, swatch) * steps.length;
  const all = indicesOf(steps);
  const look = { x: (i) => i, inset: 1, rx: 3 };
  const svg = draw({
    width,
    height: LEGEND,
    margin: 0,
    marginBottom: 18,
    x: bandsOf(all),
    opacity: shade,
    marks: [
      cell(all, { ...look, className: 'cell-back' }),
      shaded(all, steps, look),
      axisX({ ...PLAIN, tickPadding: 5, tickFormat: (i) => formatTick(steps[i], unit) }),
    ],
  });
  svg.setAttribute('x', String(size.width - width));
  svg.setAttribute('y', String(size.height - LEGEND));
  return svg;
}
