// Cài đặt: những gì chủ và thu ngân chọn cho quầy này.

import type { ScannerSettings } from "../components/scanner";
import type { Text } from "./en";
import { forms } from "./vi.forms";
import { systems } from "./vi.systems";

const suffixes: Record<ScannerSettings["suffix"], string> = {
  enter: "Enter",
  tab: "Tab",
  none: "Không có gì",
};

export const settings: Text["settings"] = {
  groups: {
    shop: "Cửa hàng này",
    till: "Quầy",
    systems: "Hệ thống hội viên",
    allowance: "Số dư khi mất kết nối",
    rules: "Quy tắc số dư",
    printer: "Máy in hóa đơn",
    window: "Cửa sổ",
    keys: "Phím tắt",
    scanner: "Máy quét",
    about: "Thông tin",
  },
  groupsName: "Các nhóm cài đặt",
  unsaved: "chưa lưu",
  save: "Lưu",
  saving: "Đang lưu",
  saved: "Đã lưu.",
  atOnce: "Lưu ngay khi thay đổi",
  nothingToSave: "Không có gì để đổi ở đây",
  back: "Về quầy",
  again: "Thử lại",
  keyInFile:
    "Chìa khóa dữ liệu nằm trong một tệp ở thư mục của quầy. Ai sao chép được thư mục đó đều đọc được.",
  shop: {
    lead: "Cửa hàng này là gì, ở đây và trên phiếu. Các quầy khác và hệ thống hội viên không được báo.",
    leadTold: "Cửa hàng này là gì, ở đây và trên phiếu. Trụ sở được báo và báo cho các quầy khác.",
    name: "Tên",
    nameHint: "Hiện ở đầu cửa sổ và trên mỗi phiếu.",
    code: "Mã",
    country: "Quốc gia",
    currency: "Loại tiền",
    timeZone: "Múi giờ",
    timeZoneHint: "Quyết định mỗi bút toán thuộc ngày nào. Bút toán đã ghi giữ nguyên ngày.",
    issuer: "Bên nợ số dư",
    issuerHint:
      "Tên công ty. Các cửa hàng cùng công ty dùng chung số dư của hội viên. Đã ghi số dư thì không đổi được.",
    issuerDefault: "Cửa hàng này",
    others: "Các cửa hàng khác quầy này biết",
    noOthers: "không có",
  },
  till: {
    lead: "Tên của quầy này và ngôn ngữ hiển thị.",
    name: "Tên quầy",
    nameHint: "Hiện ở đầu cửa sổ và trong mỗi bút toán.",
    language: "Ngôn ngữ",
  },
  systems,
  allowance: {
    lead: "Được dùng bao nhiêu số dư khi không liên lạc được với trụ sở. 0 là không cho dùng.",
    perMember: "Mỗi hội viên",
    perMemberHint: "Cho đến khi có kết nối lại.",
    perTransaction: "Mỗi lần thanh toán",
    perTill: "Mỗi quầy",
    perTillHint: "Tất cả hội viên cộng lại, cho đến khi có kết nối lại.",
    maxAge: "Số dư không cũ hơn",
    hours: () => "giờ",
    tills: "Số quầy của cửa hàng",
    tillsUnit: () => "quầy",
    worst: "Nhiều nhất bị dùng quá",
    worstAbout: (tills) =>
      tills > 1
        ? `Nếu cả ${forms.count(tills)} quầy đều mất kết nối, và cùng những hội viên đó dùng số dư ở từng quầy.`
        : "Chỉ có một quầy thì không thể dùng một số dư hai lần.",
    worstUnknown: "Chưa biết",
  },
  rules: {
    lead: "Cho cả cửa hàng. Những gì đã ghi trước đó vẫn như cũ.",
    voidMinutes: "Bút toán mới nhất hoàn tác được trong",
    minutes: () => "phút",
    earn: "Hội viên tích lũy, nếu không có mức riêng",
    earnHint: "Tính trên phần trả không phải bằng điểm thưởng. 2,5 là 2,5 %.",
    rewardDays: "Điểm thưởng dùng được trong",
    days: () => "ngày",
    rewardDaysHint: "Để trống: không hết hạn.",
    forEver: "không hết hạn",
    proof: "Hỏi thẻ trước khi dùng số dư",
    proofs: { never: "Không bao giờ", above: "Từ một số tiền", always: "Luôn luôn" },
    proofAbove: "Trên",
    proofHint: "Số điện thoại cho biết là ai, nhưng không chứng minh được.",
  },
  printer: {
    lead: "Máy in mạng dùng ESC/POS.",
    address: "Địa chỉ",
    addressExample: "192.168.1.50:9100",
    addressHint: "Để trống: phiếu chỉ hiện ra, không in.",
    codePage: "Bảng chữ",
    codePages: {
      pc437: "Chữ không dấu (PC437)",
      pc858: "Tây Âu (PC858)",
      wpc1252: "Tây Âu (Windows-1252)",
      tcvn3: "Tiếng Việt (TCVN-3)",
      utf8: "Mọi chữ (UTF-8)",
    },
    codePageHint: "Nếu chữ in ra bị sai, hãy chọn bảng khác rồi in thử lại.",
    columns: "Khổ giấy",
    columnsOf: (columns) => `${forms.count(columns)} ký tự`,
    test: "In thử",
    testing: "Đang in",
    tested: "Đã gửi đến máy in. Hãy xem từng chữ có đúng không.",
    testNeedsSaving: "Hãy lưu trước rồi in thử.",
  },
  window: {
    theme: "Màu sắc",
    themes: { system: "Theo máy tính", light: "Sáng", dark: "Tối" },
    size: "Cỡ chữ",
    percent: (size) => `${forms.count(size)} %`,
    preview: "Lý Tú Quang Thắng, 1.250.000",
    previewLabel: "Chữ sẽ to như thế này",
    hidesServed: "Ẩn tên trong “Vừa phục vụ” sau một phút",
    hidesServedHint: "Các số cuối điện thoại vẫn còn.",
  },
  keys: {
    lead: "Bấm Đổi, rồi bấm phím muốn dùng.",
    action: "Việc",
    key: "Phím",
    second: "Phím phụ",
    change: "Đổi",
    changeOf: (action) => `Đổi phím của ${action}`,
    press: (action) => `Bấm phím mới cho ${action}. Esc để giữ nguyên.`,
    usual: "Về các phím thường dùng",
    usualOf: (action) => `Về phím thường dùng của ${action}`,
    usualShort: "Như cũ",
    refused: {
      not_a_key: (key) => `${key} không dùng được: hãy lấy phím F, hoặc Alt với một chữ hay số.`,
      reserved: (key) => `${key} đã dành cho việc khác.`,
      taken: (key, action) => `${key} đang là ${action}. Hãy đổi phím đó trước.`,
    },
    changed: (action, key) => `${action} bây giờ là ${key}.`,
    fixed: "Enter, Ctrl Enter và các phím mũi tên giữ nguyên.",
  },
  scanner: {
    lead: "Cách phân biệt máy quét với tay người gõ.",
    test: "Quét thử",
    testLead: "Bấm nút, rồi quét mã vạch này hoặc một thẻ bất kỳ. Có máy chỉ đọc được trên giấy.",
    barsName: "Mã vạch ghi REGULARS",
    waiting: "Đang chờ quét…",
    stop: "Thôi chờ",
    came: "Nhận được",
    gap: "Hai phím cách xa nhất",
    ms: (ms) => `cách ${forms.count(ms)} ms`,
    ended: "Kết thúc bằng",
    before: "Ở phía trước",
    nothing: "không có gì",
    right: "Đúng là nội dung của mã vạch.",
    other: "Không phải nội dung của mã vạch: thẻ khác, hoặc máy quét đổi chữ.",
    fits: "Cài đặt hợp với máy quét này.",
    suggested: "Hợp hơn với máy quét này",
    suggestion: ({ prefix, suffix, max_gap_ms }) => [
      prefix === "" ? "Phía trước không có gì" : `Phía trước: ${prefix}`,
      `Kết thúc bằng: ${suffixes[suffix]}`,
      `Giữa hai phím nhiều nhất ${forms.count(max_gap_ms)} ms`,
    ],
    use: "Dùng các mức này",
    prefix: "Ghi ở phía trước",
    prefixHint: "Không tính vào số thẻ.",
    suffix: "Kết thúc bằng",
    suffixes,
    maxGap: "Giữa hai phím nhiều nhất",
    msUnit: "ms",
    minLength: "Ít nhất",
    characters: () => "ký tự",
  },
  about: {
    folder: "Thư mục dữ liệu",
    version: "Phiên bản",
    compared: "So với trụ sở",
    isSame: (at) => `${forms.date(at)}, ${forms.time(at)}: hai bên giống nhau.`,
    differed: (at, toldAgain, notOurs) =>
      [
        notOurs > 0
          ? `${forms.date(at)}, ${forms.time(at)}: có phần khác nhau và chưa sửa được hết.`
          : `${forms.date(at)}, ${forms.time(at)}: có phần khác nhau và đã được tải lại.`,
        toldAgain > 0 ? `${forms.count(toldAgain)} thay đổi mà trụ sở bị mất đang được gửi lại.` : null,
        notOurs > 0
          ? `Trụ sở không biết ${forms.count(notOurs)} mục đang có ở đây mà quầy này không gửi được: hãy báo người hiểu chương trình này.`
          : null,
      ]
        .filter((sentence) => sentence !== null)
        .join(" "),
    checkup: "Sau lần dừng đột ngột gần nhất",
    checkupFound: (repaired, left, unfinished) =>
      [
        repaired + left + unfinished === 0 ? "Mọi thứ đều ổn." : null,
        repaired > 0 ? `Đã sửa ${forms.count(repaired)} chỗ.` : null,
        left > 0 ? `Còn ${forms.count(left)} chỗ cần người hiểu chương trình này xem.` : null,
        unfinished > 0
          ? `${forms.count(unfinished)} thao tác bị ngắt trước khi lưu: hãy xem có cần làm lại không.`
          : null,
      ]
        .filter((sentence) => sentence !== null)
        .join(" "),
  },
};
