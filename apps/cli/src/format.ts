import { UsageError } from './errors.js';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3600, d: 86400 };

/**
 * `2h`, `90m` or `1h30m` in seconds.
 * @throws UsageError when it is anything else
 */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*(min|[smhd])\s*/g)];
  const seconds = parts.reduce((sum, [, number, unit]) => sum + Number(number) * (UNITS[unit ?? ''] ?? 0), 0);
  if (parts.map(part => part[0]).join('') === text && Number.isInteger(seconds) && seconds > 0)
    return seconds;
  throw new UsageError(`${JSON.stringify(text)} is no duration; write it like 2h, 90m, 1h30m or 45s.`);
}

/** Seconds as `0.4 s`, `12 s`, `1 min 5 s`, `2 h 3 min` or `4 d 1 h`. */
export function formatDuration(seconds: number): string {
  if (seconds < 10) return `${Number(seconds.toFixed(1))} s`;
  const whole = Math.round(seconds);
  const [days, hours, minutes] = [whole / 86400, (whole / 3600) % 24, (whole / 60) % 60].map(Math.floor);
  const parts = [
    [days, 'd'],
    [hours, 'h'],
    [minutes, 'min'],
    [whole % 60, 's'],
  ] as const;
  const first = parts.findIndex(([number]) => number);
  return parts
    .slice(first, first + 2)
    .filter(([number]) => number)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

/** How long ago a time was: `12 s ago`, `3 h ago`; after a week, the day. */
export function formatAge(time: string, now = Date.now()): string {
  const seconds = Math.max(0, (now - Date.parse(time)) / 1_000);
  if (seconds >= 7 * 86400) return time.slice(0, 10);
  const [size, unit] =
    seconds < 60 ? [1, 's'] : seconds < 3600 ? [60, 'min'] : seconds < 86400 ? [3600, 'h'] : [86400, 'd'];
  return `${Math.floor(seconds / size)} ${unit} ago`;
}

/** An ISO time as the local `2026-11-21 08:15:30`. */
export function formatTime(time: string): string {
  const date = new Date(time);
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Bytes as `512 B`, `53.1 kB` or `1.2 GB`. */
export function formatSize(bytes: number): string {
  let [size, unit] = [bytes, 'B'];
  for (const larger of ['kB', 'MB', 'GB', 'TB']) {
    if (size < 1_000) break;
    [size, unit] = [size / 1_000, larger];
  }
  return `${unit === 'B' || size >= 100 ? Math.round(size) : size.toFixed(1)} ${unit}`;
}

/** Seconds between two times; up to now when the second is missing, undefined when the first is. */
export function secondsBetween(
  start: string | null | undefined,
  end: string | null | undefined,
  now = Date.now(),
): number | undefined {
  return start ? Math.max(0, (end ? Date.parse(end) : now) - Date.parse(start)) / 1_000 : undefined;
}
