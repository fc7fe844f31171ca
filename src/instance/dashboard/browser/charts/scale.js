/**
 * Round tick values from 0 up to at least `max`.
 * @param {number} max largest value shown
 * @param {number} wanted about how many steps
 * @param {boolean} isWhole no fractions of a thing that is counted
 * @returns {number[]} at least two, ascending, the first 0
 */
export function ticks(max, wanted, isWhole) {
  if (!(max > 0)) return [0, 1];
  const rough = max / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? 10 * power;
  const used = isWhole ? Math.max(1, Math.ceil(step)) : step;
  const count = Math.ceil(max / used - 1e-9);
  return Array.from({ length: Math.max(1, count) + 1 }, (_, i) => Number((i * used).toPrecision(12)));
}

/** Seconds have ticks of their own: 30 s, 2 min, 5 min. */
export function secondTicks(max, wanted) {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400];
  if (!(max > 0)) return [0, 60];
  const step = steps.find((s) => s >= (max / wanted) * 0.999) ?? 86400;
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => i * step);
}

/**
 * Which labels are drawn so that none touches the next: every n-th, the last always when there is room.
 * @returns {number[]} indices
 */
export function spacedLabels(count, width, labelWidth) {
  const fit = Math.max(2, Math.floor(width / labelWidth));
  const step = Math.max(1, Math.ceil(count / fit));
  const chosen = [];
  for (let i = count - 1; i >= 0; i -= step) chosen.unshift(i);
  return chosen;
}
