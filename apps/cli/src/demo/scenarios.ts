import type { Language } from './people.js';

/** One thing said in the course of a matter. Texts may hold {name}, {goods}, {number} and {days}. */
export interface Step {
  readonly medium: 'voice' | 'message' | 'email' | 'meeting' | 'post' | 'web' | 'note';
  readonly direction: 'inbound' | 'outbound' | 'internal';
  /** Hours after the step before. */
  readonly after: number;
  readonly title?: Readonly<Record<Language, string>>;
  readonly text: Readonly<Record<Language, string>>;
  readonly disposition?: string;
}

/** A matter between a customer and the shop. */
export interface Scenario {
  readonly purpose: 'sales' | 'service' | 'support' | 'marketing' | 'transactional';
  /** The customer must have bought something before. */
  readonly needsOrder: boolean;
  readonly steps: readonly [Step, ...Step[]];
}

const both = (en: string, zh: string): Readonly<Record<Language, string>> => ({ en, zh });

/** What keeps a shop and its customers talking. */
export const scenarios: readonly [Scenario, ...Scenario[]] = [
  {
    purpose: 'transactional',
    needsOrder: true,
    steps: [
      { medium: 'email', direction: 'outbound', after: 0, title: both('Your order {number}', '您的订单 {number}'), text: both('Dear {name},\n\nThank you for your order {number}: {goods}. We will write again when it leaves our warehouse.\n\nThe tea desk', '{name}，您好：\n\n感谢您的订单 {number}：{goods}。发货后我们会再次通知您。\n\n茶品客服') },
      { medium: 'message', direction: 'outbound', after: 30, text: both('Order {number} is on its way and should be with you in {days} days.', '订单 {number} 已发货，预计 {days} 天内送达。'), disposition: 'delivered' },
      { medium: 'message', direction: 'inbound', after: 70, text: both('Arrived safely, thank you! The {goods} smells wonderful.', '已经收到，谢谢！{goods}很香。') },
    ],
  },
  {
    purpose: 'support',
    needsOrder: true,
    steps: [
      { medium: 'voice', direction: 'inbound', after: 0, title: both('Where is order {number}?', '询问订单 {number} 的物流'), text: both('Asked where order {number} is: it was promised for last week. Carrier says it is held at the depot. Promised to call back within {days} days.', '客户来电询问订单 {number}：原定上周送达。物流显示滞留在中转站。答应 {days} 天内回电。'), disposition: 'answered' },
      { medium: 'note', direction: 'internal', after: 2, text: both('Depot found the parcel, label was wet. New label printed; leaves tomorrow morning.', '中转站已找到包裹，面单受潮。已重新打印，明早发出。') },
      { medium: 'voice', direction: 'outbound', after: 20, text: both('Called back: the parcel leaves tomorrow. Customer was friendly about it. Offered free filters with the next order.', '回电告知包裹明天发出，客户表示理解。承诺下次订单赠送滤纸。'), disposition: 'answered' },
    ],
  },
  {
    purpose: 'service',
    needsOrder: true,
    steps: [
      { medium: 'email', direction: 'inbound', after: 0, title: both('Broken on arrival: {goods}', '收到时已破损：{goods}'), text: both('Hello,\n\nThe {goods} from order {number} arrived with a crack in it. Could you send another one, or refund it? I attach two pictures.\n\nRegards,\n{name}', '您好：\n\n订单 {number} 里的{goods}收到时有裂纹，可以补发或者退款吗？附上两张照片。\n\n{name}') },
      { medium: 'email', direction: 'outbound', after: 5, title: both('Re: Broken on arrival: {goods}', '回复：收到时已破损：{goods}'), text: both('Dear {name},\n\nI am sorry about that. We have refunded it in full, and there is no need to send it back.\n\nThe tea desk', '{name}，您好：\n\n非常抱歉。我们已为您全额退款，商品无需寄回。\n\n茶品客服') },
      { medium: 'email', direction: 'inbound', after: 9, title: both('Re: Broken on arrival: {goods}', '回复：收到时已破损：{goods}'), text: both('That was quick, thank you.', '处理得真快，谢谢。') },
    ],
  },
  {
    purpose: 'sales',
    needsOrder: false,
    steps: [
      { medium: 'web', direction: 'inbound', after: 0, title: both('Form: which tea for a beginner?', '网站留言：新手适合喝什么茶？'), text: both('I would like to start with something that is not too bitter. Do you have samples? My budget is small.', '我刚开始喝茶，想要不太苦的，有试用装吗？预算不多。') },
      { medium: 'message', direction: 'outbound', after: 4, text: both('Hello {name}, {goods} is a kind tea to begin with: water at 85 degrees, two minutes. Shall I put a sample aside for you?', '{name}您好，推荐从{goods}开始：85度水泡两分钟。需要给您留一份试用装吗？'), disposition: 'read' },
      { medium: 'message', direction: 'inbound', after: 1, text: both('Yes please, that would be lovely.', '好的，麻烦您了！') },
    ],
  },
  {
    purpose: 'sales',
    needsOrder: false,
    steps: [
      { medium: 'meeting', direction: 'outbound', after: 0, title: both('Tasting and quote', '品茶与报价'), text: both('Tasted three oolongs together. They want {goods} for opening in spring and a price for a standing monthly order. Quote to follow within {days} days.', '一起试饮了三款乌龙。对方希望春季开业时使用{goods}，并需要每月固定订单的报价。{days} 天内发送报价。') },
      { medium: 'email', direction: 'outbound', after: 30, title: both('Our quote', '报价单'), text: both('Dear {name},\n\nAs promised, here is our quote for {goods}, delivered monthly. It holds for {days} weeks.\n\nThe sales desk', '{name}，您好：\n\n附上{goods}每月供货的报价，{days} 周内有效。\n\n销售部') },
      { medium: 'voice', direction: 'outbound', after: 100, text: both('Nobody picked up; left a message about the quote.', '无人接听，已留言说明报价事宜。'), disposition: 'voicemail' },
    ],
  },
  {
    purpose: 'marketing',
    needsOrder: false,
    steps: [
      { medium: 'email', direction: 'outbound', after: 0, title: both('The first spring teas are here', '春茶上新'), text: both('Dear {name},\n\nThis week the first spring teas came in, {goods} among them. There is little of it.\n\nThe tea desk', '{name}，您好：\n\n本周第一批春茶到店，其中有{goods}，数量有限。\n\n茶品客服'), disposition: 'delivered' },
    ],
  },
  {
    purpose: 'marketing',
    needsOrder: false,
    steps: [
      { medium: 'post', direction: 'outbound', after: 0, title: both('Autumn catalogue', '秋季目录'), text: both('The printed autumn catalogue, with a sample of {goods}.', '纸质秋季目录，附{goods}试用装一份。') },
      { medium: 'post', direction: 'inbound', after: 200, title: both('A postcard', '明信片'), text: both('A postcard of a garden: "Thank you for the sample. See you in the shop."', '一张花园明信片：“谢谢寄来的试用装，改天到店里坐坐。”') },
    ],
  },
  {
    purpose: 'support',
    needsOrder: true,
    steps: [
      { medium: 'web', direction: 'inbound', after: 0, title: both('Chat: an invoice with our tax number', '在线咨询：开具带税号的发票'), text: both('Could I have the invoice for {number} again, with our tax number on it?', '订单 {number} 的发票可以重新开一张带税号的吗？') },
      { medium: 'web', direction: 'outbound', after: 0.1, text: both('Of course. You will have it by email within {days} days.', '可以的，{days} 天内会发送到您的邮箱。') },
      { medium: 'email', direction: 'outbound', after: 24, title: both('Invoice for {number}', '订单 {number} 的发票'), text: both('Dear {name},\n\nPlease find the invoice attached.\n\nAccounts', '{name}，您好：\n\n请查收附件中的发票。\n\n财务部') },
    ],
  },
  {
    purpose: 'service',
    needsOrder: false,
    steps: [
      { medium: 'message', direction: 'inbound', after: 0, text: both('Are you open on Sunday? I would like to try {goods} before I buy it.', '周日营业吗？想先尝一下{goods}再买。') },
      { medium: 'message', direction: 'outbound', after: 0.2, text: both('We are, from eleven to five. Ask for the tea desk 😊', '营业的，11点到17点，到店找茶品台就好 😊'), disposition: 'read' },
    ],
  },
  {
    purpose: 'service',
    needsOrder: false,
    steps: [
      { medium: 'voice', direction: 'inbound', after: 0, text: both('Call ended before anybody could answer.', '来电未接通，客户已挂断。'), disposition: 'missed' },
      { medium: 'message', direction: 'outbound', after: 1, text: both('We just missed your call, {name}. When may we call you back?', '{name}，刚才没能接到您的来电，方便什么时候给您回电？'), disposition: 'delivered' },
    ],
  },
];
