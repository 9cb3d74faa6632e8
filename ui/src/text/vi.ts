// Mọi câu chữ của màn hình, bằng tiếng Việt. Thiếu câu nào thì không dựng được.

import type { ChangeWhat } from "../api";
import type { Text } from "./en";
import { cards, merge } from "./vi.cards";
import { counter } from "./vi.counter";
import { edit } from "./vi.edit";
import { failures } from "./vi.failures";
import { at, forms, list, moment } from "./vi.forms";
import { imports } from "./vi.import";
import { entry, fieldNames, figures, history, member, tenders, topUp, visits } from "./vi.member";
import { members } from "./vi.members";
import { adjust, cashOut, giveBack, pay, said, saving, slip, undo } from "./vi.money";
import { question } from "./vi.question";
import { cardCheck, consents, register, twins } from "./vi.register";
import { settings } from "./vi.settings";

export const vi: Text = {
  forms,
  listed: list,
  failures,
  counter,
  member,
  figures,
  history,
  tenders,
  topUp,
  question,
  pay,
  giveBack,
  cashOut,
  adjust,
  undo,
  slip,
  said,
  saving,
  register,
  cardCheck,
  consents,
  twins,
  edit,
  cards,
  merge,
  members,
  imports,
  settings,
  shell: {
    name: "Regulars",
    nav: "Chính",
    counter: "Quầy",
    members: "Hội viên",
    sync: "Đồng bộ",
    settings: "Cài đặt",
    states: "Kết nối",
    link: { online: "Đã kết nối", offline: "Mất kết nối", connecting: "Đang kết nối", none: "Chỉ quầy này" },
    withWaiting: (link, waiting) => `${link} · ${forms.count(waiting)} đang chờ`,
    clockOff: (minutes, isBehind) => `Đồng hồ ${isBehind ? "chậm" : "nhanh"} ${forms.count(minutes)} phút`,
    clockOffTold: "Đồng hồ của máy này khác với trụ sở. Quầy theo giờ của trụ sở; hãy chỉnh lại đồng hồ.",
    needsYou: (count) => `${forms.count(count)} cần bạn xử lý`,
    till: (shop, till) => `${shop} · ${till}`,
    starting: "Đang mở quầy",
  },
  keys: {
    new: "Mới",
    top_up: "Nạp tiền",
    pay: "Thanh toán",
    card: "Thẻ",
    edit: "Sửa",
    sync: "Đồng bộ",
    clear: "Xóa",
    members: "Hội viên",
    settings: "Cài đặt",
  },
  keysAbout: { card: "cấp, sửa, khóa, đổi" },
  scan: { held: "Đã quét thẻ. Hãy làm xong hoặc thoát việc này rồi quét lại." },
  say: "Nói với khách",
  startFailed: { heading: "Chưa mở được quầy này", again: "Thử lại" },
  firstStart: {
    heading: "Cài đặt quầy này",
    lead: "Vài câu trả lời ngắn là quầy mở ra.",
    language: "Ngôn ngữ",
    tillName: "Tên quầy",
    shop: "Cửa hàng",
    code: "Mã",
    codeHint: "Ngắn gọn, ví dụ KM.",
    country: "Quốc gia",
    currency: "Loại tiền",
    choose: "Chọn",
    headOffice: "Địa chỉ trụ sở",
    headOfficeExample: "office.example.com",
    headOfficeHint:
      "Để trống nếu bắt đầu không có trụ sở. Lumyri, Portos và các hệ thống khác được kết nối sau, trong Cài đặt.",
    joinCode: "Mã tham gia",
    joinCodeHint: "Mã mà trụ sở đã đưa cho bạn.",
    allowance: "Số dư được dùng khi không liên lạc được với trụ sở",
    perMember: "Dùng khi mất kết nối, mỗi hội viên",
    perTill: "Mỗi quầy",
    maxAge: "Số dư không cũ hơn",
    hours: () => "giờ",
    allowanceHint: "0 là không cho dùng.",
    worstCase: (tills, overspend) =>
      `Với ${forms.count(tills)} quầy, nhiều nhất có thể dùng quá ${forms.money(overspend)}.`,
    keyInFile:
      "Máy này không có kho khóa. Hãy giữ chìa khóa trong một tệp ở thư mục của quầy; ai sao chép được thư mục đó đều đọc được.",
    open: "Mở quầy",
    opening: "Đang mở quầy",
  },
  takenIn: (shop) => `Đã nhận vào ${shop}.`,
  sync: {
    nothing: "Không có gì đang chờ",
    waiting: (count) => `${forms.count(count)} thay đổi đang chờ`,
    needsYou: (changes, unsettled) =>
      [
        changes > 0 ? `${forms.count(changes)} thay đổi cần bạn xử lý` : null,
        unsettled > 0 ? `${forms.count(unsettled)} tài khoản cần giải quyết` : null,
      ]
        .filter((part) => part !== null)
        .join(", "),
    lead: {
      online: "Đang kết nối với trụ sở. Những gì lưu ở đây được gửi ngay.",
      offline: "Không liên lạc được với trụ sở. Những gì lưu ở đây vẫn an toàn và sẽ tự gửi đi.",
      connecting: "Đang hỏi trụ sở. Những gì lưu ở đây vẫn an toàn.",
      none: "Quầy này hoạt động riêng. Những gì lưu ở đây nằm tại đây.",
    },
    alsoWaiting: (count) => `${forms.count(count)} thay đổi khác đang chờ và sẽ tự gửi đi.`,
    keyInFile:
      "Chìa khóa dữ liệu nằm trong một tệp ở thư mục của quầy. Ai sao chép được thư mục đó đều đọc được.",
    table: (remote) => (remote ? `Đang chờ gửi đến ${remote}` : "Đang chờ"),
    shown: (shown, total) => `${forms.count(shown)} mục đầu trong ${forms.count(total)}.`,
    made: "Lúc",
    member: "Hội viên",
    change: "Thay đổi",
    state: "Tình trạng",
    tries: "Số lần thử",
    what: (what) => changeWords(what),
    amount: (money) => forms.changeOfMoney(money),
    states: {
      waiting: "Đang chờ",
      sending: "Đang gửi",
      unanswered: "Đã gửi, chưa có trả lời",
      needs_you: "Cần bạn xử lý",
      inSeconds: (seconds) => (seconds > 0 ? `Thử lại sau ${forms.count(seconds)} giây` : "Thử lại ngay"),
      atTime: (instant) => `Thử lại ${at(instant)}`,
      after: (instant) => `Sau thay đổi ${at(instant)}`,
    },
    unsettled: {
      heading: "Số dư cần giải quyết",
      owes: (amount) => `Còn nợ ${forms.money(amount)}`,
      usedTwice: "Đã dùng nhiều hơn số dư đang có. Hãy giải quyết với hội viên.",
      tooMuchBack: (amount) => `Đã hoàn thừa ${forms.money(amount)}`,
      returnedTwice: ({ receipt, on }) =>
        `${receipt ? `Hóa đơn ${receipt}` : "Một hóa đơn"} ngày ${forms.day(on)} đã được hoàn nhiều hơn số đã trả. Hãy hủy một lần hoàn, hoặc điều chỉnh số dư.`,
      issuer: (name) => `của ${name}`,
      nameless: "Một hội viên đã bị xóa vĩnh viễn",
    },
    mend: "Sửa lại",
    retry: "Thử lại",
    isThere: "Đã có ở đó",
    isNotThere: "Chưa có ở đó: gửi lại",
    openMember: "Mở hội viên",
    discard: "Bỏ…",
    reason: "Vì sao bỏ thay đổi này?",
    reasonHint: "Được giữ trong lịch sử.",
    discardNow: "Bỏ hẳn",
    keep: "Giữ lại",
    now: "Đồng bộ ngay",
    running: "Đang trao đổi",
    last: ({ remote_name, last_exchange_at }) =>
      last_exchange_at
        ? `${remote_name ?? "Trụ sở"}, trao đổi lần cuối ${moment(last_exchange_at)}`
        : `${remote_name ?? "Trụ sở"}, chưa trao đổi lần nào`,
    membersHere: (count) => `${forms.count(count)} hội viên ở đây`,
    pull: (pull) => counter.pull(pull),
    back: "Về quầy",
  },
};

function changeWords(change: ChangeWhat): string {
  switch (change.what) {
    case "location":
      return `Cửa hàng ${change.name}`;
    case "location_edited":
      return `Sửa cửa hàng ${change.name}`;
    case "registered":
      return "Hội viên mới";
    case "edited":
      return `Đổi ${fieldNames(change.fields)}`;
    case "joined":
      return `Nhận vào ${change.location}`;
    case "entry":
      return entry(change.kind, change.tender);
    case "at_shop_edited":
      return `Đổi ${fieldNames(change.fields)} ở ${change.location}`;
    case "removed":
      return "Xóa hội viên";
    case "erased":
      return "Xóa vĩnh viễn mọi thông tin";
    case "visit":
      return visits[change.kind];
    case "label":
      return `Nhãn ${change.name}`;
  }
}
