// Hội viên đang mở: là ai, có bao nhiêu, đã có gì, và nạp tiền.

import type { EntryKind, Money, Tender } from "../api";
import type { Text } from "./en";
import type { Rich } from "./rich";
import { at, forms, list, moment, waitingOf, when } from "./vi.forms";

export const member: Text["member"] = {
  about: ({ phone, email, birthday, member_since: since, elsewhere }) => {
    const born = birthday && `sinh ngày ${forms.birthday(birthday)}`;
    const joined = since && `hội viên từ ${forms.date(since)}`;
    const others = elsewhere.length > 0 ? `cũng ở ${list(elsewhere)}` : null;
    return [phone, email, born, joined, others].filter((part) => part !== null);
  },
  note: "Ghi chú",
  needsYou: "Một thay đổi cần bạn xử lý",
};

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
  sayPart: (usable) =>
    `Bây giờ anh/chị dùng được tối đa ${forms.spoken(usable)}, phần còn lại khi có kết nối ạ.`,
  sayAll: (usable) => `Bây giờ anh/chị dùng được hết ${forms.spoken(usable)} ạ.`,
  sayNone: "Số dư của anh/chị vẫn an toàn. Khi có kết nối lại là dùng được ạ.",
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

const PAID_BY: Record<Tender, string> = {
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

const FIELDS: Record<string, string> = {
  name: "tên",
  phone: "số điện thoại",
  email: "email",
  birthday: "ngày sinh",
  note: "ghi chú",
};

/** "Nạp tiền, tiền mặt" */
export function entry(kind: EntryKind, tender: Tender | null): string {
  return tender ? `${KINDS[kind]}, ${tenders[tender].toLowerCase()}` : KINDS[kind];
}

/** "tên và số điện thoại" */
export function fieldNames(fields: string[]): string {
  return list(fields.map((field) => FIELDS[field] ?? field));
}

export const history: Text["history"] = {
  heading: "Lịch sử",
  empty: "Chưa có gì.",
  when: "Khi nào",
  moment: when,
  what: "Việc gì",
  amount: "Số tiền",
  balance: "Số dư",
  where: "Ở đâu",
  registered: "Đăng ký",
  entry: (what, isElsewhere) =>
    isElsewhere ? `${entry(what.kind, what.tender)} · ${what.location}` : entry(what.kind, what.tender),
  edited: (fields) => `Đổi ${fieldNames(fields)}`,
  joined: (location) => `Nhận vào ${location}`,
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
  pending: waitingOf,
  toppedUp: (tender) => entry("top_up", tender),
  balanceAfter: "Số dư sau khi nạp",
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
