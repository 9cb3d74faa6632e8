// Quầy: ô tìm và các câu trả lời.

import type { PullProgress } from "../api";
import type { Text } from "./en";
import { at, forms, list, moment, spokenCount } from "./vi.forms";

const fetched = ({ done, total }: PullProgress) =>
  total > 0
    ? `Đã tải ${forms.count(done)} trên ${forms.count(total)} hội viên`
    : `Đã tải ${forms.count(done)} hội viên`;

export const counter: Text["counter"] = {
  search: {
    label: "Điện thoại, thẻ hoặc tên",
    hint: "Quét thẻ lúc nào cũng được. Chỉ cần 4 số cuối điện thoại.",
    hintForLists: "Quét thẻ lúc nào cũng được. ↑ ↓ để chọn, Enter để mở.",
    keys: "Bàn phím",
    deleteDigit: "Xóa số cuối",
    letters: "Chữ cái để nhập tên",
    digits: "Chữ số",
    space: "Dấu cách",
    deleteLetter: "Xóa chữ cuối",
    find: "Tìm",
    served: "Vừa phục vụ",
    nameHidden: "Tên đã ẩn",
  },
  start: {
    heading: "Mời khách tiếp theo",
    lead: "Quét thẻ, hoặc nhập số điện thoại, 4 số cuối hay tên.",
    how: "Cách dùng",
    rows: (keyOfNew, keyOfClear) => [
      { keys: "Quét thẻ", does: "lúc nào cũng được, hội viên tự mở ra." },
      { keys: "Cả số điện thoại", does: "hội viên tự mở ra." },
      { keys: "Các số cuối, tên", does: "hiện danh sách phù hợp: ↑ ↓ để chọn, Enter để mở." },
      { keys: keyOfNew, does: "thêm hội viên mới." },
      { keys: keyOfClear, does: "xóa màn hình để đón khách sau." },
    ],
  },
  tooShort: { heading: "Nhập thêm", lead: "Từ 4 số hoặc 2 chữ trở lên, danh sách hội viên hiện ở đây." },
  failed: { heading: "Chưa tìm được", again: "Thử lại" },
  pull: fetched,
  hits: {
    share: (count, query) =>
      count === 1 ? `1 hội viên có số ${query}` : `${forms.count(count)} hội viên dùng chung số ${query}`,
    match: (count, query) => `${forms.count(count)} hội viên khớp với ${query}`,
    many: (count, query) => `Hơn ${forms.count(count)} hội viên khớp với ${query}`,
    leadForShared: "Hỏi thẻ hoặc tên khách rồi chọn.",
    leadForMatches: "Chọn, hoặc nhập thêm.",
    first: (shown) => `Đây là ${forms.count(shown)} người đầu. Nhập thêm để danh sách ngắn lại.`,
    name: "Hội viên tìm thấy",
    open: (name) => `Mở ${name}`,
    newMember: "Không phải ai ở đây: hội viên mới",
    say: (count) =>
      `Số này có ${spokenCount(count).toLowerCase()} người dùng. Anh/chị cho em xin tên hoặc thẻ ạ?`,
    balances: (asOf) => `Số dư ${at(asOf)}.`,
    about: ({ is_company, tax_id, birth_year, member_since, reference }) => {
      const since = member_since?.slice(0, 4);
      const parts = [
        is_company && "công ty",
        tax_id && `mã số thuế ${tax_id}`,
        birth_year && `sinh năm ${birth_year}`,
        since && (is_company ? `từ ${since}` : `hội viên từ ${since}`),
        reference,
      ];
      return parts.filter(Boolean).join(", ");
    },
    lastVisit: "Lần trước",
    visited: ({ on, location }) => `${forms.day(on)}, ${location}`,
    never: "chưa lần nào",
    card: "Thẻ",
    noCard: "không có",
    samePerson: "Cùng một người hai lần?",
    join: "Gộp lại",
    joinWith: (name) => `Gộp ${name} với:`,
    joinNot: "Để nguyên",
    phone: "Điện thoại",
    at: "Hội viên ở",
    ending: (ending) => `…${ending}`,
  },
  elsewhere: {
    heading: (locations) => `Hội viên ở ${list(locations)}, chưa có ở đây.`,
    headingForSeveral: (count) => `${forms.count(count)} hội viên, chưa ai có ở đây.`,
    lead: "Nhận vào thì khách cũng là hội viên của cửa hàng này. Ở cửa hàng kia không có gì thay đổi.",
    takeIn: (shop) => `Nhận vào ${shop}`,
    say: (locations, shop) =>
      `Anh/chị đã là hội viên ở ${list(locations)}. Em thêm anh/chị vào ${shop} luôn nhé?`,
    newMember: "Người khác: hội viên mới",
  },
  refused: {
    heading: "Thẻ này không dùng được",
    whose: (ending, name) => `Thẻ …${ending} của ${name}.`,
    since: (state, instant) => `${state} từ ${forms.time(instant)} ngày ${forms.date(instant)}.`,
    openAnyway: "Vẫn mở hội viên…",
    askFirst: "Hỏi số điện thoại trước",
    asked: (ending) =>
      ending
        ? `Người nhặt hay lấy được thẻ không biết số này. Số phải kết thúc bằng ${ending}. Khách không nói được thì đừng tiếp tục.`
        : "Hội viên này không có số điện thoại. Hãy hỏi điều chỉ khách biết: email, ngày sinh, lần đến gần nhất.",
    open: (name) => `Khách nói đúng: mở ${name}`,
    back: "Không mở",
    say: "Thẻ này không còn dùng được ạ. Anh/chị cho em xin số điện thoại nhé?",
  },
  notInCopy: {
    heading: (asOf) => `Không có trong bản lưu của quầy này${asOf ? ` tính đến ${moment(asOf)}` : ""}.`,
    asked: {
      remote_none: {
        heading: "Không có ở đây, và trụ sở cũng không có.",
        lead: "Vừa hỏi trụ sở xong, cho các cửa hàng mà quầy này lưu.",
      },
      remote_cannot_tell: {
        heading: "Không có ở đây. Trụ sở cũng không tìm thấy, nhưng chưa chắc.",
        lead: "Có thể trụ sở không tìm theo mục vừa nhập. Khách vẫn có thể có ở đó.",
      },
      remote_unreachable: {
        heading: "Không có ở đây, và trụ sở không trả lời kịp.",
        lead: "Chưa biết trụ sở có khách này hay không. Hỏi lại, hoặc cứ làm tiếp.",
      },
    },
    headingAlone: {
      number: "Ở đây không có hội viên nào mang số này.",
      card: "Ở đây không có hội viên nào dùng thẻ này.",
      name: "Ở đây không có hội viên nào mang tên này.",
    },
    lead: {
      offline: "Không liên lạc được với trụ sở.",
      connecting: "Trụ sở chưa trả lời.",
      online: "Đang kết nối với trụ sở. Thông tin vừa thay đổi có thể chưa về đến đây.",
      none: "Quầy này hoạt động riêng, không có trụ sở.",
    },
    leadForFirstPull: (pull) => `Đang tải danh sách hội viên. ${fetched(pull)}.`,
    explained: {
      number: (query, asOf) =>
        `${query} có thể là hội viên mới tham gia hoặc đổi số ${since(asOf)}, hoặc thuộc cửa hàng mà quầy này không lưu.`,
      card: (query, asOf) =>
        `Thẻ ${query} có thể được cấp ${since(asOf)}, hoặc thuộc cửa hàng mà quầy này không lưu.`,
      name: (query, asOf) =>
        `${query} có thể được viết khác ở đây, mới tham gia ${since(asOf)}, hoặc thuộc cửa hàng mà quầy này không lưu.`,
    },
    explainedAlone: {
      number: (query) => `${query} có thể đang lưu dưới một số khác, hoặc là khách mới.`,
      card: (query) => `Thẻ ${query} chưa được cấp cho ai ở quầy này.`,
      name: (query) => `${query} có thể được viết khác ở đây, hoặc là khách mới.`,
    },
    say: {
      cutOff: {
        number:
          "Lúc này em chưa xem được thông tin của anh/chị. Em tìm bằng thẻ hoặc tên nhé? Số dư của anh/chị vẫn an toàn ạ.",
        card: "Lúc này em chưa xem được thẻ này. Anh/chị cho em xin số điện thoại nhé? Số dư của anh/chị vẫn an toàn ạ.",
        name: "Lúc này em chưa xem được thông tin của anh/chị. Anh/chị cho em xin số điện thoại nhé? Số dư của anh/chị vẫn an toàn ạ.",
      },
      connected: {
        number: "Em không thấy số này. Anh/chị cho em thử số khác, hay để em đăng ký mới ạ?",
        card: "Em không thấy thẻ này. Anh/chị cho em xin số điện thoại ạ?",
        name: "Em không thấy tên này. Anh/chị cho em xin số điện thoại, hay để em đăng ký mới ạ?",
      },
    },
    newMember: (query) => `Hội viên mới với số ${query}`,
    newMemberPlain: "Hội viên mới",
    ask: "Hỏi lại trụ sở",
    asking: "Đang hỏi trụ sở …",
    works: "Việc làm được ngay, và việc phải chờ",
    rows: [
      { what: "Thẻ, số hoặc tên", does: "Tìm lại: có thể đang lưu số điện thoại cũ." },
      {
        what: "Hội viên mới",
        does: "Lưu ngay tại đây. Nếu khách đã là hội viên, bạn sẽ được hỏi để gộp lại; số dư không mất.",
      },
      { what: "Bán hàng", does: "Bán như thường và giữ số hóa đơn: phần tích lũy có thể thêm sau." },
      { what: "Trả bằng số dư", does: "Chờ trụ sở cho biết khách có bao nhiêu." },
    ],
  },
};

function since(asOf: string | null): string {
  return asOf ? `sau ${moment(asOf)}` : "gần đây";
}
