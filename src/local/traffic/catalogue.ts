import type { Random } from './random.ts';

/** A product as the tracker sends it. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly price: number;
  readonly discountPrice: number | null;
  readonly urlPath: string;
}

const CATEGORIES: readonly { readonly name: string; readonly from: number; readonly to: number }[] = [
  { name: 'Laptops', from: 480, to: 2400 },
  { name: 'Smartphones', from: 120, to: 1300 },
  { name: 'Headphones', from: 15, to: 380 },
  { name: 'Keyboards', from: 20, to: 190 },
  { name: 'Monitors', from: 90, to: 850 },
  { name: 'Cameras', from: 150, to: 1900 },
];
const BRANDS = ['Aster', 'Borea', 'Cobalt', 'Dune', 'Ember', 'Fjord', 'Garnet'];
const SIZE = 60;

/** Sixty products with decimal prices; a third of them reduced. */
export function makeCatalogue(random: Random): Product[] {
  return Array.from({ length: SIZE }, (_, index) => {
    const category = CATEGORIES[index % CATEGORIES.length]!;
    const brand = random.pick(BRANDS);
    const name = `${brand} ${category.name.replace(/s$/, '')} ${100 + index}`;
    const price = toCents(category.from + random.next() * (category.to - category.from));
    return {
      id: `p-${1000 + index}`,
      name,
      category: category.name,
      brand,
      price,
      discountPrice: random.chance(0.33) ? toCents(price * (0.7 + random.next() * 0.25)) : null,
      urlPath: `/product/${name.toLowerCase().replaceAll(' ', '-')}`,
    };
  });
}

/** Zipf: few products get most of the views. */
export function popularity(products: readonly Product[]): number[] {
  return products.map((_, rank) => 1 / (rank + 1) ** 0.9);
}

function toCents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
