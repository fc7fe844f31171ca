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
  const header = /^-- params:(.*)$/m.exec(QUESTIONS[question])?.[1] ?? '';
  return header
    .split(',')
    .map((parameter) => parameter.trim().split(' ')[0]!)
    .filter((name) => name !== '');
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
