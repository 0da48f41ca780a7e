import type { Language } from './people.js';

/** Something that the shop of the demonstration sells. */
export interface Good {
  readonly sku: string;
  readonly name: Readonly<Record<Language, string>>;
  /** Hundredths of a pound; other currencies by `rates`. */
  readonly price: number;
}

/** A shop for tea and what belongs to it. */
export const goods: readonly [Good, ...Good[]] = [
  { sku: 'TEA-ASSAM-250', name: { en: 'Assam, whole leaf, 250 g', zh: '阿萨姆红茶 250克' }, price: 950 },
  { sku: 'TEA-LONGJING-100', name: { en: 'Longjing green tea, 100 g', zh: '龙井绿茶 100克' }, price: 1_850 },
  { sku: 'TEA-PUER-357', name: { en: 'Pu-erh cake, 357 g', zh: '普洱茶饼 357克' }, price: 4_200 },
  { sku: 'TEA-OOLONG-150', name: { en: 'Roasted oolong, 150 g', zh: '炭焙乌龙 150克' }, price: 1_600 },
  { sku: 'TEA-JASMINE-100', name: { en: 'Jasmine pearls, 100 g', zh: '茉莉龙珠 100克' }, price: 1_275 },
  { sku: 'TEA-EARL-500', name: { en: 'Earl Grey, 500 g', zh: '伯爵红茶 500克' }, price: 1_495 },
  { sku: 'POT-YIXING-160', name: { en: 'Yixing clay teapot, 160 ml', zh: '宜兴紫砂壶 160毫升' }, price: 6_800 },
  { sku: 'POT-GLASS-600', name: { en: 'Glass teapot, 600 ml', zh: '玻璃茶壶 600毫升' }, price: 2_450 },
  { sku: 'CUP-CELADON-4', name: { en: 'Celadon cups, set of four', zh: '青瓷杯 四只装' }, price: 3_200 },
  { sku: 'CUP-PLAIN-12', name: { en: 'Plain white cups, dozen', zh: '白瓷杯 十二只装' }, price: 2_880 },
  { sku: 'GAIWAN-120', name: { en: 'Porcelain gaiwan, 120 ml', zh: '瓷盖碗 120毫升' }, price: 1_990 },
  { sku: 'KETTLE-1000', name: { en: 'Variable temperature kettle, 1 l', zh: '控温电水壶 1升' }, price: 7_950 },
  { sku: 'SCALE-01', name: { en: 'Pocket scale, 0.1 g', zh: '便携电子秤 0.1克' }, price: 1_499 },
  { sku: 'TRAY-BAMBOO', name: { en: 'Bamboo tea tray', zh: '竹制茶盘' }, price: 3_650 },
  { sku: 'FILTER-100', name: { en: 'Paper filters, box of 100', zh: '茶滤纸 100片装' }, price: 425 },
  { sku: 'GIFT-BOX-3', name: { en: 'Gift box of three teas', zh: '三款茶礼盒' }, price: 3_450 },
];

const rates: Readonly<Record<string, number>> = { GBP: 1, EUR: 1.2, USD: 1.3 };

/** A price in hundredths of a currency. */
export const priceIn = ({ price }: Good, currency: string): number => Math.round(price * (rates[currency] ?? 1));
