// Tiền ở quầy: thanh toán, trả hàng, rút tiền, điều chỉnh, hủy, và phiếu.

import type { Text } from "./en";
import { forms, moment } from "./vi.forms";
import { history, PAID_BY } from "./vi.member";

const savedWhere = {
  cutOff: "Đã lưu tại đây. Sẽ gửi khi có kết nối.",
  connected: "Đã lưu và gửi về trụ sở.",
  alone: "Đã lưu ở quầy này.",
};

export const saving: Text["saving"] = {
  will: {
    cutOff: "Sẽ lưu tại đây, gửi khi có kết nối",
    connected: "Sẽ lưu tại đây và gửi về trụ sở ngay",
    alone: "Sẽ lưu ở quầy này",
  },
  done: savedWhere,
};

export const said: Text["said"] = { slip: "Phiếu", undo: "Hủy…" };

export const pay: Text["pay"] = {
  heading: "Thanh toán",
  balanceKnown: (instant) => `Số dư của trụ sở ${moment(instant)}`,
  bill: "Hóa đơn",
  credit: (max) => (max ? `Số dư, tối đa ${forms.amount(max)}` : "Dùng số dư"),
  receipt: "Số hóa đơn, nếu có",
  use: (max) => `Dùng ${forms.spoken(max)}`,
  useMost: "Dùng số dư",
  useNone: "Không có số dư để dùng",
  keys: "Bàn phím",
  deleteDigit: "Xóa số cuối",
  discount: (rate) => `Giảm giá ${forms.percent(rate)}`,
  noDiscount: "Giảm giá",
  creditUsed: "Dùng số dư",
  leftToCollect: "Còn phải thu",
  earns: (rate) => `Tích lũy ${forms.percent(rate)}`,
  earnsOn: ({ earn_base, reward_used }) =>
    reward_used.minor > 0
      ? `trên ${forms.amount(earn_base)}; ${forms.amount(reward_used)} trả bằng tiền thưởng không được tích lũy`
      : `trên ${forms.amount(earn_base)}`,
  balanceAfter: "Số dư sau đó",
  owesAfter: "Còn nợ sau đó",
  usableAfter: {
    cutOff: ({ usable_after }) =>
      usable_after.minor > 0
        ? `trong đó ${forms.amount(usable_after)} dùng được đến khi có kết nối`
        : "chưa dùng được đến khi có kết nối",
    all: "dùng được tất cả",
  },
  proof: {
    above: (above) => `Dùng số dư trên ${forms.amount(above)} thì cần thẻ của hội viên:`,
    scan: "quét thẻ ngay, hoặc gõ số thẻ",
    card: "Số thẻ",
    given: (ending) => `Đúng thẻ …${ending} của khách`,
    checking: "Đang tra thẻ",
    missing: "Hãy quét thẻ của hội viên, hoặc gõ số thẻ.",
    notTheirs: (ending) => `Thẻ …${ending} không phải của hội viên này.`,
    unknown: (ending) => `Quầy này không biết thẻ …${ending}.`,
    refused: (ending) => `Thẻ …${ending} là của khách, nhưng không dùng được.`,
  },
  told: {
    cutOff: (usable) => `Khi mất kết nối dùng được tối đa ${forms.amount(usable)}.`,
    cutOffNone: "Khi mất kết nối không dùng được số dư.",
    connected: "Trụ sở được hỏi trước khi trừ số dư.",
    alone: "Lưu ở quầy này. Số dư chỉ có ở quầy này.",
  },
  say: {
    start: ({ usable }) =>
      usable.minor > 0
        ? `Anh/chị có ${forms.spoken(usable)} để dùng. Em trừ vào đó nhé?`
        : "Anh/chị thanh toán bằng gì ạ?",
    paid: "Em đã thanh toán xong ạ.",
    paidRestLater: "Em đã thanh toán xong. Số dư còn lại vẫn an toàn, khi có kết nối là dùng được ạ.",
    paidWithBalance: ({ balance_after }) =>
      `Em thanh toán xong, số dư của anh/chị còn ${forms.spoken(balance_after)} ạ.`,
    partly: ({ credit_used, left_to_collect }) =>
      `Em trừ ${forms.spoken(credit_used)} vào số dư, còn ${forms.spoken(left_to_collect)} ạ.`,
    collect: ({ left_to_collect }) => `Của anh/chị hết ${forms.spoken(left_to_collect)} ạ.`,
    collectEarning: ({ left_to_collect, earned }) =>
      `Của anh/chị hết ${forms.spoken(left_to_collect)}, được tích lũy ${forms.spoken(earned)} ạ.`,
    collectCreditLater: ({ left_to_collect }) =>
      `Của anh/chị hết ${forms.spoken(left_to_collect)}. Số dư vẫn an toàn, khi có kết nối là dùng được ạ.`,
    onHold: "Hôm nay em chưa dùng số dư của anh/chị được. Em nhờ đồng nghiệp xem giúp anh/chị nhé?",
    card: "Anh/chị cho em xin thẻ ạ?",
  },
  confirm: ({ credit_used, left_to_collect }) => {
    if (credit_used.minor === 0) return `Thu ${forms.spoken(left_to_collect)}`;
    if (left_to_collect.minor === 0) return `Trừ ${forms.spoken(credit_used)} vào số dư`;
    return `Trừ ${forms.spoken(credit_used)} và thu ${forms.spoken(left_to_collect)}`;
  },
  confirmEmpty: "Thanh toán",
  working: "Đang lưu hóa đơn",
  back: "Quay lại",
  done: ({ credit_used, left_to_collect, earned }, reach) =>
    [
      `Còn phải thu ${forms.money(left_to_collect)}.`,
      credit_used.minor > 0 && `Đã trừ ${forms.money(credit_used)} vào số dư.`,
      earned.minor > 0 && `Tích lũy ${forms.changeOfMoney(earned)}.`,
      savedWhere[reach],
    ]
      .filter(Boolean)
      .join(" "),
};

export const giveBack: Text["giveBack"] = {
  heading: "Trả hàng",
  of: (line) => `${history.whatOf(line.what)}, ${history.wholeMoment(line.at)}`,
  receipt: (receipt) => `Hóa đơn ${receipt}`,
  amount: "Số tiền hoàn lại",
  returnable: (returnable) => `Hóa đơn này còn hoàn lại được ${forms.amount(returnable)}.`,
  all: (returnable) => `Tất cả, ${forms.spoken(returnable)}`,
  keys: "Bàn phím",
  deleteDigit: "Xóa số cuối",
  toLots: "Về số dư đã trả",
  asReturns: "Trả cách khác, giữ thành số dư",
  takenBack: "Thu lại phần đã tích lũy",
  givenBack: "Hoàn lại",
  less: ({ taken_back }) =>
    taken_back.minor > 0
      ? "Ít hơn số đã nhập: phần tích lũy của lần mua đã dùng rồi, nên được giữ lại từ đây."
      : "Ít hơn số đã nhập: không còn đủ để hoàn lại.",
  balanceAfter: "Số dư sau đó",
  say: ({ balance_after }) => `Em đã hoàn vào số dư. Số dư của anh/chị là ${forms.spoken(balance_after)} ạ.`,
  save: (amount) => `Hoàn lại ${forms.spoken(amount)}`,
  saveEmpty: "Hoàn lại",
  back: "Quay lại",
  done: (amount, reach) => `Đã hoàn ${forms.money(amount)} vào số dư. ${savedWhere[reach]}`,
};

export const cashOut: Text["cashOut"] = {
  heading: "Rút tiền",
  amount: "Số tiền rút",
  cashable: (cashable) => `Tối đa ${forms.amount(cashable)}. Tiền thưởng chỉ dùng để mua hàng.`,
  all: (cashable) => `Tất cả, ${forms.spoken(cashable)}`,
  paidBy: "Trả khách bằng",
  card: "Thẻ của hội viên",
  cardHint: "Quét thẻ, hoặc gõ số.",
  balanceAfter: "Số dư sau đó",
  say: ({ balance_after }) =>
    `Em gửi anh/chị. Số dư của anh/chị bây giờ là ${forms.spoken(balance_after)} ạ.`,
  save: (amount, tender) => `Trả khách ${forms.spoken(amount)} ${PAID_BY[tender]}`,
  saveEmpty: "Rút tiền",
  back: "Quay lại",
  done: (amount, reach) => `Đã trả khách ${forms.money(amount)}. ${savedWhere[reach]}`,
};

export const adjust: Text["adjust"] = {
  heading: "Điều chỉnh",
  lead: "Lịch sử không mất gì: một dòng có lý do của bạn được thêm vào.",
  direction: "Theo hướng nào",
  more: "Thêm số dư",
  less: "Bớt số dư",
  chooseDirection: "Hãy chọn thêm hay bớt.",
  amount: "Bao nhiêu",
  reason: "Vì sao",
  reasonHint: "Được giữ cùng dòng này, cho người xem lại sau.",
  save: (amount) => `Điều chỉnh ${forms.change(amount)}`,
  saveEmpty: "Điều chỉnh",
  back: "Quay lại",
  done: (amount, reach) => `Đã điều chỉnh ${forms.changeOfMoney(amount)}. ${savedWhere[reach]}`,
};

export const undo: Text["undo"] = {
  heading: "Hủy",
  lead: "Dòng này vẫn ở trong lịch sử, bị gạch ngang, và phiếu ghi ĐÃ HỦY.",
  reason: "Vì sao",
  reasonHint: "Được giữ cùng dòng này, cho người xem lại sau.",
  usual: "Lý do thường gặp",
  usualReasons: ["Sai số tiền", "Nhầm hội viên", "Khách đổi ý"],
  save: "Hủy khoản này",
  back: "Quay lại",
  done: (line, reach) => `Đã hủy: ${history.whatOf(line.what)}. ${savedWhere[reach]}`,
};

export const slip: Text["slip"] = {
  heading: "Phiếu",
  loading: "Đang làm phiếu",
  print: "In",
  toPrinter: "Gửi máy in hóa đơn",
  printing: "Đang gửi đến máy in",
  printed: "Máy in đã nhận.",
  back: "Quay lại",
  titles: {
    sale: "Bán hàng",
    top_up: "Nạp tiền",
    return: "Trả hàng",
    cash_out: "Rút tiền",
    adjustment: "Điều chỉnh",
    void: "ĐÃ HỦY",
  },
  labels: {
    bill: "Tiền hàng",
    discount: "Giảm giá",
    credit_used: "Trả bằng số dư",
    left_to_collect: "Còn phải trả",
    earned: "Tích lũy",
    paid_in_cash: "Nạp bằng tiền mặt",
    paid_in_card: "Nạp bằng thẻ",
    paid_in_transfer: "Nạp bằng chuyển khoản",
    paid_in_other: "Nạp bằng cách khác",
    paid_out_cash: "Rút bằng tiền mặt",
    paid_out_card: "Rút về thẻ",
    paid_out_transfer: "Rút bằng chuyển khoản",
    paid_out_other: "Rút bằng cách khác",
    given_back: "Hoàn vào số dư",
    taken_back: "Thu lại phần tích lũy",
    corrected: "Điều chỉnh",
    balance_after: "Số dư sau đó",
    waiting_to_be_confirmed: "trong đó đang chờ xác nhận",
  },
  copy: "BẢN SAO",
  member: "Hội viên",
  phoneEnding: "Số cuối điện thoại",
  receipt: "Số hóa đơn",
  reference: "Mã phiếu",
  printedAt: ({ printed_on, printed_time }) => `${printed_time} ngày ${forms.date(printed_on)}`,
};
