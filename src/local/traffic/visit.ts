import { popularity, type Product } from './catalogue.ts';
import type { Random } from './random.ts';

/** A browser that comes back. */
export interface Visitor {
  readonly clientId: string;
  readonly userId: string | null;
  visits: number;
}

export interface TimedEvent {
  readonly atMs: number;
  readonly event: Record<string, unknown>;
}

const SHOP = 'https://shop.example';
const REFERRERS = [
  '',
  '',
  'https://www.google.com/',
  'https://www.facebook.com/',
  'https://news.example/review',
];

/** One visit from the first page to the last, in the tracker's words; about half of them look at a product. */
export function makeVisit(
  random: Random,
  visitor: Visitor,
  products: readonly Product[],
  startMs: number,
): TimedEvent[] {
  const visit = new Visit(random, visitor, startMs);
  visitor.visits += 1;
  visit.page(random.chance(0.6) ? 'home_view' : 'page_view', '/');
  if (random.chance(0.12)) visit.plain('login_open');
  if (visitor.userId !== null && random.chance(0.5)) visit.login();
  if (random.chance(0.45))
    visit.page('category_view', `/category/${random.pick(products).category.toLowerCase()}`);
  if (random.chance(0.62)) shop(random, visit, products);
  while (random.chance(0.35)) visit.page('page_view', random.pick(['/about', '/shipping', '/cart', '/blog']));
  if (random.chance(0.04)) visit.plain('logout');
  return visit.events;
}

/** Looks at products, and buys with the drop-off of a real funnel. */
function shop(random: Random, visit: Visit, products: readonly Product[]): void {
  const weights = popularity(products);
  const inCart: Product[] = [];
  do {
    const product = products[random.weighted(weights)]!;
    visit.product('product_view', product);
    if (random.chance(0.3)) visit.click(product);
    if (random.chance(0.05)) visit.product('wishlist_toggle', product);
    if (random.chance(0.02)) visit.product('share_click', product);
    if (random.chance(0.28)) {
      visit.product('add_to_cart_click', product);
      if (random.chance(0.12)) visit.product('remove_from_cart_click', product);
      else inCart.push(product);
    }
  } while (random.chance(0.52));
  if (inCart.length === 0 || !random.chance(0.55)) return;
  visit.login();
  visit.plain('checkout_start');
  if (!random.chance(0.65)) return;
  for (const product of inCart) visit.product('checkout_complete', product);
}

class Visit {
  readonly events: TimedEvent[] = [];
  readonly #random: Random;
  readonly #visitor: Visitor;
  readonly #sessionId: string;
  readonly #referrer: string;
  #atMs: number;
  #path = '/';
  #isLoggedIn = false;

  constructor(random: Random, visitor: Visitor, startMs: number) {
    this.#random = random;
    this.#visitor = visitor;
    this.#atMs = startMs;
    this.#sessionId = random.uuid();
    this.#referrer = random.pick(REFERRERS);
  }

  page(eventName: string, path: string): void {
    this.#path = path;
    this.plain(eventName);
  }

  login(): void {
    if (this.#isLoggedIn || this.#visitor.userId === null) return;
    this.#isLoggedIn = true;
    this.plain('login_success');
  }

  product(eventName: string, product: Product): void {
    this.#path = product.urlPath;
    this.#add(eventName, { product });
  }

  click(product: Product): void {
    const dataset = { track: 'gallery', productId: product.id };
    this.#add('click', {
      element: { tag: 'button', id: 'next', role: 'button', text: 'Next picture', dataset },
    });
  }

  plain(eventName: string): void {
    this.#add(eventName, {});
  }

  #add(eventName: string, more: Record<string, unknown>): void {
    const random = this.#random;
    // Without a secure context the tracker cannot make a UUID and falls back to time and noise.
    const isFallback = random.chance(0.03);
    const noise = random.whole(0, 2 ** 32 - 1).toString(16);
    this.events.push({
      atMs: this.#atMs,
      event: {
        eventId: isFallback ? `${this.#atMs}-${noise}` : random.uuid(),
        eventName,
        pageUrl: `${SHOP}${this.#path}`,
        referrer: this.#referrer,
        userId: this.#isLoggedIn ? this.#visitor.userId : null,
        userLoginState: this.#isLoggedIn ? 'logged_in' : 'anonymous',
        identity_source: this.#isLoggedIn ? 'cognito' : 'anonymous',
        clientId: this.#visitor.clientId,
        sessionId: this.#sessionId,
        isFirstVisit: this.#visitor.visits === 0,
        ...more,
      },
    });
    this.#atMs += Math.round((2 + random.next() * 45) * 1000);
  }
}
