// Hội viên đang mở: là ai, có bao nhiêu, đã có gì, và nạp tiền.

import type {
  CardDid,
  EntryKind,
  HistoryWhat,
  KeptView,
  MemberCard,
  Money,
  StatusView,
  Tender,
  Undid,
  VisitKind,
} from "../api";
import type { Text } from "./en";
import type { Rich } from "./rich";
import { blockedWords } from "./vi.cards";
import { edit } from "./vi.edit";
import { at, forms, list, moment, waitingOf, when } from "./vi.forms";

export const member: Text["member"] = {
  about: (card) => {
    const { phone, reference, email, birthday, member_since: since, elsewhere } = card;
    const born = birthday && `sinh ngày ${forms.birthday(birthday)}`;
    const joined = since && `hội viên từ ${forms.date(since)}`;
    const others = elsewhere.length > 0 ? `cũng ở ${list(elsewhere)}` : null;
    return [phone, companyWords(card), reference, email, born, joined, others].filter(
      (part) => part !== null,
    );
  },
  status: (status) => statusWords(status),
  stands: {
    on_hold: "Không dùng hay rút được số dư, và không tích lũy, cho đến khi có người bỏ tạm giữ.",
    inactive: "Không giảm giá, không tích lũy. Số dư vẫn là của khách và vẫn dùng được.",
    not_yet_valid: "Chưa giảm giá, chưa tích lũy. Số dư vẫn dùng được.",
    expired: "Không còn giảm giá và tích lũy. Số dư vẫn là của khách và vẫn dùng được.",
  },
  sayOnHold: "Hôm nay em chưa dùng số dư của anh/chị được. Em nhờ đồng nghiệp xem giúp anh/chị nhé?",
  label: "Nhãn",
  risk: (name) => (name ? `Lưu ý: ${name}` : "Lưu ý"),
  note: "Ghi chú",
  noteBy: ({ author, on }) => {
    const parts = [author, on && forms.day(on)].filter((part) => part !== null);
    return parts.length > 0 ? `— ${parts.join(", ")}` : null;
  },
  needsYou: "Một thay đổi cần bạn xử lý",
  alias: ({ full_name, merged_at }) =>
    `${full_name} đã được gộp vào hội viên này ngày ${forms.day(merged_at)}.`,
  unmerge: "Hoàn tác…",
  unmerging: {
    heading: "Hoàn tác việc gộp",
    lead: (name) => `${name} lại là một hội viên riêng, như trước. Những gì ghi từ đó đến nay vẫn ở đây.`,
    save: "Tách hai hội viên",
    back: "Quay lại",
    done: (name) => `${name} lại là một hội viên riêng.`,
  },
  cashOut: "Rút tiền…",
  correct: "Điều chỉnh…",
  cards: "Thẻ",
  noCard: "Chưa có thẻ.",
  cardSince: (instant) => `từ ${forms.date(instant)}`,
  replacedBy: (ending) => `đã đổi sang …\u2060${ending}`,
};

function companyWords({ is_company, tax_id }: Pick<MemberCard, "is_company" | "tax_id">): string | null {
  if (!is_company) return tax_id && `mã số thuế ${tax_id}`;
  return tax_id ? `công ty, mã số thuế ${tax_id}` : "công ty";
}

export function statusWords({ state, reason, on }: StatusView): string {
  switch (state) {
    case "active":
      return "Đang dùng";
    case "not_a_member":
      return "Chưa là hội viên ở đây";
    case "inactive":
      return "Ngừng dùng";
    case "not_yet_valid":
      return on ? `Có hiệu lực từ ${forms.date(on)}` : "Chưa có hiệu lực";
    case "expired":
      return on ? `Hết hạn, hiệu lực đến ${forms.date(on)}` : "Hết hạn";
    case "on_hold":
      return reason ? `Tạm giữ: ${reason}` : "Tạm giữ";
    case "removed":
      return "Đã xóa";
    case "merged":
      return "Đã gộp vào hội viên khác";
  }
}

export const figures: Text["figures"] = {
  usable: "Dùng được ngay",
  balance: "Số dư",
  owes: "Còn nợ",
  onThisTill: "Số dư chỉ có ở quầy này",
  balanceLine: ({ balance, pending, as_of }): Rich => {
    const isDebt = balance.minor < 0;
    const figure = isDebt ? forms.withoutSign(balance) : forms.money(balance);
    return [
      isDebt ? "Còn nợ " : "Số dư ",
      { strong: figure },
      as_of ? ` ${at(as_of)}` : "",
      ...pendingPart(pending),
    ];
  },
  knownLine: (asOf) => `Số liệu ${at(asOf)}`,
  pendingLine: waitingOf,
  usableLine: (usable): Rich => ["Dùng được ngay ", { strong: forms.money(usable) }],
  rewardsLine: (rewards, next): Rich => [
    "Trong đó thưởng ",
    { strong: forms.money(rewards) },
    ...(next ? [", ", { together: `${forms.amount(next.amount)} dùng đến ${forms.day(next.on)}` }] : []),
  ],
  expiryLine: ({ amount, on }): Rich => [
    "Trong đó ",
    { strong: forms.money(amount) },
    ` dùng đến ${forms.day(on)}`,
  ],
  discount: "Giảm giá",
  until: (moment) => `đến ${forms.date(moment)}`,
  onABill: "trên hóa đơn",
  earns: "Tích lũy",
  onASale: "khi mua hàng",
  onAccount: "Mua chịu",
  onAccountLine: ({ limit, balance }) => {
    if (limit === null) return "theo trụ sở";
    return balance === null ? "được nợ tối đa" : `đang nợ, tối đa ${forms.amount(limit)}`;
  },
  sayPart: (usable) =>
    `Bây giờ anh/chị dùng được tối đa ${forms.spoken(usable)}, phần còn lại khi có kết nối ạ.`,
  sayAll: (usable) => `Bây giờ anh/chị dùng được hết ${forms.spoken(usable)} ạ.`,
  sayNone: "Số dư của anh/chị vẫn an toàn. Khi có kết nối lại là dùng được ạ.",
  sayOwes: (owed) => `Lần trước anh/chị còn ${forms.spoken(owed)} chưa trả ạ.`,
};

function pendingPart(pending: Money): Rich {
  if (pending.minor === 0) return [];
  return [", trong đó ", { together: forms.amount(pending) }, " đang chờ xác nhận"];
}

export const tenders: Record<Tender, string> = {
  cash: "Tiền mặt",
  card: "Thẻ",
  transfer: "Chuyển khoản",
  other: "Khác",
};

export const PAID_BY: Record<Tender, string> = {
  cash: "bằng tiền mặt",
  card: "bằng thẻ",
  transfer: "bằng chuyển khoản",
  other: "bằng cách khác",
};

const KINDS: Record<EntryKind, string> = {
  top_up: "Nạp tiền",
  redeem: "Trả bằng số dư",
  earn: "Tích lũy",
  return_to_credit: "Hoàn vào số dư",
  cash_out: "Rút tiền",
  adjust: "Điều chỉnh",
  expire: "Hết hạn",
  void: "Hủy",
  opening: "Số dư ban đầu",
};

export const visits: Record<VisitKind, string> = { sale: "Hóa đơn", return: "Trả hàng", void: "Hủy hóa đơn" };

const DID: Record<CardDid, string> = {
  issued: "được cấp",
  blocked: "bị khóa",
  unblocked: "được mở khóa",
  changed: "được sửa",
  taken_away: "bị thu lại",
};

/** "Nạp tiền, tiền mặt" */
export function entry(kind: EntryKind, tender: Tender | null): string {
  return tender ? `${KINDS[kind]}, ${tenders[tender].toLowerCase()}` : KINDS[kind];
}

/** "tên và số điện thoại" */
export function fieldNames(fields: string[]): string {
  return list(fields.map((field) => lowered(edit.fieldName(field))));
}

/** Chữ viết tắt giữ nguyên. */
export function lowered(name: string): string {
  return /^\p{Lu}{2}/u.test(name) ? name : name.charAt(0).toLowerCase() + name.slice(1);
}

/** "Hủy nạp tiền, tiền mặt, 50.000 ₫" */
function undone({ kind, tender, amount }: Undid): string {
  return `${KINDS.void} ${lowered(entry(kind, tender))}, ${forms.withoutSign(amount)}`;
}

function whatWords(what: HistoryWhat): string {
  switch (what.what) {
    case "entry":
      if (what.undid) return undone(what.undid);
      return what.percent
        ? `${KINDS[what.kind]} ${forms.percent(what.percent)}`
        : entry(what.kind, what.tender);
    case "visit":
      return `${visits[what.kind]}, ${forms.money(what.bill)}`;
    case "registered":
      return "Đăng ký";
    case "edited":
      return `Đổi ${fieldNames(what.fields)}`;
    case "card":
      return `Thẻ …${what.ending} ${what.did === "blocked" ? blockedWords(what.reason).toLowerCase() : DID[what.did]}`;
    case "joined":
      return `Nhận vào ${what.location}`;
    case "merged":
      return `${what.name} gộp vào hội viên này`;
    case "unmerged":
      return "Tách khỏi hội viên khác";
    case "removed":
      return "Đã xóa";
    case "decided":
      return decidedWords(what.field, what.kept);
  }
}

function decidedWords(field: string, kept: KeptView): string {
  if (field === "removal") return "Không xóa: trong lúc đó có người đã sửa hội viên này";
  const stands = {
    ours: "giữ giá trị của quầy này",
    theirs: "giữ giá trị của trụ sở",
    both: "giữ cả hai",
    undecided: "chưa chọn",
  };
  return `${edit.fieldName(field)} bị sửa ở hai nơi, ${stands[kept]}`;
}

export const history: Text["history"] = {
  heading: "Lịch sử",
  empty: "Chưa có gì.",
  hint: "↑ ↓ để xem từng dòng",
  when: "Khi nào",
  moment: when,
  wholeMoment: (instant) => `${forms.time(instant)} ngày ${forms.date(instant)}`,
  what: "Việc gì",
  amount: "Số tiền",
  balance: "Số dư",
  where: "Ở đâu",
  whatOf: whatWords,
  atShop: (what, location) => `${what} · ${location}`,
  undone: "đã hủy",
  receipt: (receipt) => `hóa đơn ${receipt}`,
  reason: (reason) => `“${reason}”`,
  all: (count) => `Hiện tất cả ${forms.count(count)} dòng`,
  slip: "Phiếu",
  giveBack: "Trả hàng…",
  undo: "Hủy…",
  nothingToDo: "Dòng này không làm gì thêm được.",
  lost: (value) => `giá trị kia: ${value}`,
  bringBack: "Lấy lại",
  broughtBack: "Đã lấy lại. Đã lưu tại đây trước.",
  actions: (line) => `Việc làm được với: ${whatWords(line.what)}`,
  places: {
    here: "✓ tại đây",
    head_office: "✓✓ trụ sở",
    needs_you: "! cần bạn xử lý",
    this_till: "✓ quầy này",
  },
};

export const topUp: Text["topUp"] = {
  heading: "Nạp tiền",
  offlineSince: (instant) => (instant ? `Mất kết nối từ ${moment(instant)}` : "Mất kết nối"),
  amount: "Số tiền",
  usual: "Số tiền thường nạp",
  keys: "Bàn phím",
  deleteDigit: "Xóa số cuối",
  paidBy: "Trả bằng",
  balanceNow: (asOf) => (asOf ? `Số dư ${at(asOf)}` : "Số dư"),
  owesNow: (asOf) => (asOf ? `Còn nợ, ${at(asOf)}` : "Còn nợ"),
  pending: waitingOf,
  toppedUp: (tender) => entry("top_up", tender),
  repays: (repays) => `trong đó ${forms.amount(repays)} trả vào khoản còn nợ`,
  balanceAfter: "Số dư sau khi nạp",
  owesAfter: "Còn nợ sau khi nạp",
  usableUnchanged: "Dùng được ngay, không đổi",
  usableAfter: "Dùng được ngay",
  told: {
    cutOff: "Lưu tại đây, gửi khi có kết nối.",
    connected: "Lưu tại đây và gửi về trụ sở ngay.",
    alone: "Lưu ở quầy này. Số dư chỉ có ở quầy này.",
  },
  say: {
    later: (amount) => `Em đã lưu ${forms.spoken(amount)} của anh/chị. Khi có kết nối lại là dùng được ạ.`,
    partly: (amount, { usable_after }) =>
      `Em đã lưu ${forms.spoken(amount)} của anh/chị. Bây giờ dùng được tối đa ${forms.spoken(usable_after)} ạ.`,
    now: ({ balance_after }) => `Số dư của anh/chị bây giờ là ${forms.spoken(balance_after)} ạ.`,
    repays: (repays, { balance_after }) =>
      balance_after.minor < 0
        ? `Tất cả trả vào khoản còn thiếu, còn lại ${forms.withoutSign(balance_after)} ạ.`
        : `Trong đó ${forms.spoken(repays)} trả vào khoản còn thiếu, nên số dư là ${forms.spoken(balance_after)}. Như vậy được không ạ?`,
  },
  confirm: (amount, tender) => `Nạp ${forms.spoken(amount)} ${PAID_BY[tender]}`,
  confirmEmpty: "Nạp tiền",
  back: "Quay lại",
  done: {
    cutOff: (amount) => `Đã nạp ${forms.money(amount)}. Đã lưu tại đây. Sẽ gửi khi có kết nối.`,
    connected: (amount) => `Đã nạp ${forms.money(amount)}. Đã lưu và gửi về trụ sở.`,
    alone: (amount) => `Đã nạp ${forms.money(amount)}. Đã lưu ở quầy này.`,
  },
};
