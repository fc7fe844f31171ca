import { isNotFound, toSbwError } from './aws-errors.ts';

/** Calls AWS; what it refuses becomes an error of ours. @param action `lambda:GetFunction`, as IAM writes it */
export async function call<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toSbwError(error, { action });
  }
}

/** @see call; when AWS says that it is not there, `gone` is the answer. */
export async function unlessGone<T, G>(action: string, gone: G, work: () => Promise<T>): Promise<T | G> {
  return call(action, async () => {
    try {
      return await work();
    } catch (error) {
      if (isNotFound(error)) return gone;
      throw error;
    }
  });
}

interface Page {
  readonly NextToken?: string | undefined;
}

/** Every page of a listing that goes on by NextToken. @param next asks for one page */
export async function* pagesOf<P extends Page>(
  next: (token: string | undefined) => Promise<P>,
): AsyncGenerator<P> {
  let token: string | undefined;
  do {
    const page = await next(token);
    yield page;
    token = page.NextToken || undefined;
  } while (token !== undefined);
}

type SdkTag = { readonly Key?: string | undefined; readonly Value?: string | undefined };

export function tagsFrom(tags: readonly SdkTag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));
}
