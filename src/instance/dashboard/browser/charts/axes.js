import { axisX, axisY, gridY, ruleY, tickStep } from '../library/plot.js';
import { indicesOf } from './drawing.js';
import { formatTick } from './format.js';

const BOTTOM = 24;
const TOP = 8;
const CHAR = 7;
/** What a clock is read in, in seconds. */
const CLOCK = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200, 86_400];
/** No fraction of a thing that is counted, and no step that the labels would not show. */
const LEAST_STEP = { count: 1, share: 0.001, seconds: 1 };
const WITHOUT_DATA = { count: 1, share: 1, seconds: 60 };

/**
 * @param {number} max largest value shown
 * @param {number} wanted about how many steps
 * @param {'count' | 'share' | 'seconds'} unit
 * @returns {number[]} round values from 0 up to at least `max`, as many steps as stand well above each other
 */
export function ticksUpTo(max, wanted, unit) {
  if (!(max > 0)) return [0, WITHOUT_DATA[unit]];
  const onClock = unit === 'seconds' ? CLOCK.find((step) => step >= (max / wanted) * 0.999) : undefined;
  const step = Math.max(LEAST_STEP[unit], onClock ?? tickStep(0, max, wanted));
  const count = Math.max(1, Math.ceil(max / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, i) => i * step);
}

/**
 * Which of many labels are drawn so that none touches the next: every n-th, ending with the last.
 * @returns {number[]} indices
 */
export function spacedLabels(labels, width) {
  const fit = Math.max(2, Math.floor(width / (widthOf(labels) + 16)));
  const step = Math.max(1, Math.ceil(labels.length / fit));
  return indicesOf(labels).filter((i) => (labels.length - 1 - i) % step === 0);
}

/** About what the longest of some texts takes, in pixels. */
export const widthOf = (texts) => Math.max(...texts.map((text) => text.length)) * CHAR;

/**
 * Values upward from 0, labels along the bottom. Places along x are indices: labels may be alike.
 * @param {{width: number, height: number}} size in pixels
 * @param {{labels: string[], unit: string, series: {values: (number | null)[]}[]}} data
 * @param {number} right margin
 * @returns {{frame: object, marks: object[]}} options and first marks of draw()
 */
export function axes({ width, height }, { labels, unit, series }, right) {
  const known = series.flatMap(({ values }) => values).filter((value) => value !== null);
  const ticks = ticksUpTo(Math.max(0, ...known), height < 180 ? 3 : 4, unit);
  const left = widthOf(ticks.map((value) => formatTick(value, unit))) + 13;
  const frame = {
    width,
    height,
    marginLeft: left,
    marginRight: right,
    marginTop: TOP,
    marginBottom: BOTTOM,
    y: { type: 'linear', domain: [0, ticks.at(-1)] },
  };
  const plain = { tickSize: 0, label: null };
  const marks = [
    gridY({ ticks, className: 'axis-line', strokeOpacity: 1 }),
    ruleY([0], { className: 'axis-line zero' }),
    axisY({ ...plain, ticks, tickFormat: (value) => formatTick(value, unit) }),
    axisX({ ...plain, ticks: spacedLabels(labels, width - left - right), tickFormat: (i) => labels[i] }),
  ];
  return { frame, marks };
}
