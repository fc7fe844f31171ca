import type { Session } from '../ports.ts';
import { QUESTIONS } from './questions.generated.ts';

/** A file of src/instance/dashboard/sql: the dashboard asks the same. */
export type Question = keyof typeof QUESTIONS;

/** What the rows of a range are counted over. Parameters are text and never NULL: '' means all. */
export interface Range {
  /** Days of the business's time zone, both included: `2025-12-06`. */
  readonly from_day: string;
  readonly to_day: string;
  readonly login: '' | 'logged_in' | 'anonymous';
  readonly by: '' | 'product' | 'category' | 'brand';
  readonly value: string;
  readonly bots: 'off' | 'on';
}

/** Names of a question's parameters, in their order: its header says so. */
export function parametersOf(question: Question): string[] {
  return listOf(question, 'params').map((parameter) => parameter.split(' ')[0]!);
}

/** Which filters of a range a question heeds: `login`, `item`, `bots`. */
export function filtersOf(question: Question): string[] {
  return listOf(question, 'filters');
}

/** What its rows have, in order; `type` is PostgreSQL's name of it: `bigint`, `date`, `timestamptz`. */
export function columnsOf(question: Question): { name: string; type: string }[] {
  return listOf(question, 'columns').map((column) => {
    const [name = '', ...type] = column.split(' ');
    return { name, type: type.join(' ') };
  });
}

/** A line of the header. */
function listOf(question: Question, line: 'params' | 'filters' | 'columns'): string[] {
  const header = new RegExp(`^-- ${line}:(.*)$`, 'm').exec(QUESTIONS[question])?.[1] ?? '';
  // What stands in brackets is for people.
  return header
    .replaceAll(/\([^)]*\)/g, '')
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

/**
 * Asks a question of the dashboard. Days come as text, counts as numbers.
 * @param given at least the parameters that its header names
 */
export async function ask<R>(
  session: Session,
  question: Question,
  given: Readonly<Record<string, string>>,
): Promise<R[]> {
  const params = parametersOf(question).map((name) => given[name] ?? '');
  // As JSON, PostgreSQL itself makes numbers of bigint and text of dates; the driver would do neither.
  const { rows } = await session.query<{ row: R }>(
    `SELECT to_jsonb(answer) AS row FROM (${QUESTIONS[question]}\n) AS answer`,
    params,
  );
  return rows.map(({ row }) => row);
}
