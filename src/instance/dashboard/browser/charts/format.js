const language = () => document.documentElement.lang || 'en';

const formats = new Map();
function format(options) {
  const key = language() + JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(language(), options));
  return formats.get(key);
}

function seconds(value) {
  const vi = language() === 'vi';
  const [h, m, s] = vi ? [' giờ', ' ph', ' gi'] : ['h', 'm', 's'];
  const whole = Math.round(value);
  if (whole >= 3600)
    return `${Math.floor(whole / 3600)}${h} ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')}${m}`;
  if (whole >= 60)
    return whole % 60 ? `${Math.floor(whole / 60)}${m} ${whole % 60}${s}` : `${whole / 60}${m}`;
  return `${whole}${s}`;
}

/** A value as people read it; unit is count, share or seconds. */
export function formatValue(value, unit) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (unit === 'share') return format({ style: 'percent', maximumFractionDigits: 1 }).format(value);
  if (unit === 'seconds') return seconds(value);
  return format({ maximumFractionDigits: 0 }).format(value);
}

/** Short, for an axis. */
export function formatTick(value, unit) {
  if (unit === 'count' && value >= 10_000)
    return format({ notation: 'compact', maximumFractionDigits: 1 }).format(value);
  return formatValue(value, unit);
}

/** How much a value differs from another: "+12%", of shares "+1.2 pts"; empty when that says nothing. */
export function formatChange(value, before, unit) {
  const isKnown = (one) => one !== null && one !== undefined;
  if (!isKnown(value) || !isKnown(before)) return '';
  if (unit === 'share') {
    const points = format({ maximumFractionDigits: 1, signDisplay: 'exceptZero' }).format(
      100 * (value - before),
    );
    return `${points} ${language() === 'vi' ? 'điểm' : 'pts'}`;
  }
  if (!(before > 0)) return '';
  return format({ style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(
    value / before - 1,
  );
}
