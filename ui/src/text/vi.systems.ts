import type { Text } from "./en";
import { counter } from "./vi.counter";
import { edit } from "./vi.edit";
import { forms, list, moment } from "./vi.forms";
import { lowered } from "./vi.member";

function clockWords(ahead: number | null, isOff: boolean): string[] {
  if (ahead === null) return [];
  if (!isOff) return ["Đồng hồ ở đó khớp với máy này."];
  const minutes = forms.count(Math.round(Math.abs(ahead) / 60));
  const way = ahead > 0 ? "nhanh hơn" : "chậm hơn";
  return [`Đồng hồ ở đó ${way} máy này ${minutes} phút: hãy chỉnh lại máy này.`];
}

const rights: Record<string, string | undefined> = {
  register: "đăng ký hội viên",
  change: "sửa hội viên",
  delete: "xóa hội viên",
  set_discount: "đặt mức giảm giá",
  set_credit: "đặt số dư",
};

function rightsWords(lacks: string[] | null): string[] {
  if (lacks === null) return [];
  if (lacks.length === 0) return ["Tài khoản ở đó được làm mọi việc mà quầy này cần."];
  const what = lacks.map((right) => rights[right] ?? right).join(", hoặc ");
  return [`Tài khoản ở đó không được ${what}. Việc cần quyền đó sẽ chờ bạn cho đến khi được cấp.`];
}

const needs: Record<string, string | undefined> = {
  "email|phone": "Email hoặc điện thoại",
  "name.given": "Tên",
  "name.family": "Họ",
};

function needed(field: string, place: number): string {
  const name = needs[field] ?? edit.fieldName(field);
  return place === 0 ? name : lowered(name);
}

export const systems: Text["settings"]["systems"] = {
  lead: "Mỗi cửa hàng đi cùng một hệ thống. Những gì lưu ở đây tự được gửi đến đó, kể cả sau khi mất kết nối.",
  none: "Quầy này hoạt động riêng. Hội viên và số dư chỉ có trên máy này.",
  add: "Thêm hệ thống",
  kinds: {
    "head-office": "Trụ sở Regulars",
    lumyri: "Lumyri",
    portos: "Portos",
    stancer: "Stancer",
    crmx: "CRMX",
    valomnia: "Valomnia",
  },
  addresses: {
    "head-office": "office.example.com",
    lumyri: "api.lumyri.example.com",
    portos: "https://192.168.1.20:8443",
    stancer: "api.stancer.com",
    crmx: "crmx.example.com",
    valomnia: "my-company.valomnia.com",
  },
  states: {
    unused: "Chưa cửa hàng nào dùng",
    connecting: "Chưa hỏi",
    reached: "Đã kết nối",
    problem: "Không hoạt động",
  },
  unused: "Chưa cửa hàng nào đi cùng hệ thống này, nên chưa trao đổi gì. Kết nối một cửa hàng ở dưới.",
  pulling: (pull) => counter.pull(pull),
  last: (instant) => (instant ? `Trao đổi lần cuối ${moment(instant)}` : "Chưa trao đổi lần nào"),
  waiting: (count) => `${forms.count(count)} đang chờ`,
  needsYou: (count) => `${forms.count(count)} cần bạn`,
  modes: { test: "Hội viên thử", live: "Hội viên thật" },
  check: "Kiểm tra",
  checking: "Đang hỏi",
  checkOf: (name) => `Kiểm tra ${name}`,
  change: "Sửa…",
  changeOf: (name) => `Sửa ${name}`,
  keeps: "Giữ những gì…",
  keepsOf: (name) => `${name} giữ những gì`,
  remove: "Bỏ",
  removeOf: (name) => `Bỏ ${name}`,
  seen: (seen, lists, isClockOff) => [
    "Nơi đó trả lời và cho quầy này vào.",
    seen.members !== null
      ? `Quầy này được đọc hội viên ở đó: ${forms.count(seen.members)} người.`
      : lists
        ? "Nơi đó không cho biết có bao nhiêu hội viên."
        : "Có thể tra từng hội viên. Nơi đó không liệt kê được ai, nên không cho biết có bao nhiêu người.",
    ...(seen.locations && seen.locations.length > 0
      ? [`Quầy này được phục vụ ${list(seen.locations)}.`]
      : []),
    ...rightsWords(seen.lacks),
    ...clockWords(seen.clock_ahead_seconds, isClockOff),
  ],
  neverListed: (name) =>
    `${name} không liệt kê ai: hội viên chỉ đến quầy này khi được đăng ký ở đây hoặc được hỏi bằng số điện thoại. Quầy thứ hai không tự biết đến họ.`,
  neverListedNorFound: (name) =>
    `${name} không liệt kê ai và không tìm được: chỉ những hội viên đăng ký ở đây được đồng bộ. Quầy thứ hai không bao giờ tự biết đến họ.`,
  creditStays: "Số dư ở lại quầy này. Không quầy nào khác thấy, và số dư không được gửi đến đó.",
  credit: {
    there: (name, { currency, proved_at }) =>
      `Số dư được giữ ở ${name}, bằng ${currency}; đã thử ${moment(proved_at)}. Nơi đó không giữ chỗ cho hóa đơn, nên phần dùng được theo hạn mức.`,
    open: "Nơi giữ số dư…",
    openOf: (name) => `Nơi giữ số dư của ${name}`,
    heading: (name) => `Giữ số dư ở ${name}`,
    headingOff: "Giữ số dư ở quầy này",
    lead: (name) =>
      `Việc này được thử trước: một hội viên thử “Regulars credit trial” được tạo ở ${name}, được cộng một, bị trừ lại và được xóa. Không hội viên thật nào bị động đến. Quầy khác có thể thấy hội viên thử trong chốc lát.`,
    after: (name) =>
      `Sau đó, những gì ghi ở đây được cộng vào số dư ở ${name}, cả phần quầy này đã giữ đến nay. Những gì người khác đổi ở đó hiện ra ở đây như một điều chỉnh.`,
    leadOff: (name) =>
      `Những gì ghi từ nay ở lại quầy này. ${name} giữ những gì đang có, và quầy không còn biết người khác đổi gì ở đó.`,
    currency: "Loại tiền của số dư ở đó",
    currencyHint: (name) => `Ví dụ EUR. Chỉ khi ${name} không nói rõ và bạn biết chắc.`,
    on: "Thử và giữ ở đó",
    off: "Giữ ở quầy này",
    trying: "Đang thử",
    back: "Thoát",
    leftBehind: (name, key) =>
      `Không xóa được hội viên thử “Regulars credit trial” (${key}). Hãy xóa ở ${name}.`,
    failures: {
      currency_unconfirmed: (name) => `${name} không nói số dư bằng loại tiền nào. Nếu biết chắc, hãy nhập.`,
      currency_differs: (name) => `Số dư ở ${name} phải cùng loại tiền với các cửa hàng ở đây.`,
      shop_missing: (name) => `Trước hết hãy kết nối một cửa hàng của quầy này với ${name}.`,
      issuers_differ: (name) =>
        `Các cửa hàng ở ${name} có nhiều bên phát hành hoặc loại tiền, mà nơi đó chỉ giữ một số dư cho mỗi hội viên.`,
      credit_elsewhere: (name) =>
        `Số dư của các cửa hàng này trước đây do hệ thống khác giữ, và vẫn ở đó. Số dư không được chuyển sang ${name}.`,
      credit_unmarked: (name) =>
        `${name} không giữ lại gì để nhận ra một bút toán. Khi mất câu trả lời, bút toán có thể bị ghi hai lần, nên số dư ở lại đây.`,
      credit_unreadable: (name) => `Số dư ở ${name} không đọc được như một khoản của loại tiền này.`,
      credit_not_kept: (name) => `Số dư đã ghi ở ${name} không còn đó khi đọc lại.`,
      credit_not_undone: (name) =>
        `Không lấy lại được số dư của hội viên thử ở ${name}. Hãy xem ở đó, rồi thử lại.`,
      version_unchecked: (name) =>
        `${name} nhận cả những gì dựa trên bản cũ. Hai quầy sẽ ghi đè lên nhau, nên số dư ở lại đây.`,
      changed_meanwhile: (name) => `Có người vừa đổi hội viên thử ở ${name}. Hãy thử lại.`,
    },
  },
  failures: {
    unreachable: (name) => `Không kết nối được với ${name}. Kiểm tra địa chỉ và mạng; quầy vẫn tiếp tục thử.`,
    not_the_remote: (name) =>
      `Nơi trả lời ở địa chỉ này không phải ${name}. Kiểm tra địa chỉ; mạng này có cần đăng nhập trước không?`,
    not_head_office: (name) => `Nơi trả lời ở địa chỉ này không phải ${name}. Kiểm tra địa chỉ.`,
    not_found: (name) => `${name} không ở địa chỉ này, hoặc đường dẫn không đúng. Kiểm tra cả hai.`,
    redirect_refused: (name) =>
      `Địa chỉ này dẫn sang nơi khác, và mã bí mật không được mang theo. Nhập địa chỉ thật của ${name}.`,
    token_refused: (name) => `${name} trả lời, nhưng không chấp nhận mã bí mật. Nhập lại trong mục Sửa.`,
    password_refused: (name) =>
      `${name} trả lời, nhưng không chấp nhận tên và mật khẩu này. Nhập lại trong mục Sửa.`,
    right_missing: (name) =>
      `${name} trả lời, nhưng tài khoản này không được làm việc đó. Hãy cấp quyền ở đó.`,
    forbidden: (name) => `${name} trả lời, nhưng tài khoản này không được làm việc đó. Hãy cấp quyền ở đó.`,
    license_expired: (name) => `Giấy phép của ${name} đã hết hạn. Gia hạn ở đó.`,
    locked: (name) => `${name} đang bận. Quầy sẽ tự thử lại.`,
    rate_limited: (name) => `${name} yêu cầu chờ một lát. Quầy sẽ tự thử lại.`,
    server_error: (name) => `${name} gặp lỗi riêng. Quầy sẽ tự thử lại.`,
    timeout: (name) => `${name} quá bận để trả lời. Quầy sẽ tự thử lại.`,
    answer_incomplete: (name) => `Câu trả lời của ${name} bị đứt giữa chừng. Kiểm tra lại lần nữa.`,
    answer_invalid: (name) => `Không đọc được câu trả lời của ${name}. Kiểm tra địa chỉ, rồi thử lại.`,
    secret_missing: (name) => `Chưa giữ mã bí mật nào cho ${name}. Nhập trong mục Sửa.`,
    no_shop_yet: (name) => `${name} được hỏi theo từng cửa hàng. Kết nối một cửa hàng trước, rồi kiểm tra.`,
  },
  form: {
    heading: "Thêm hệ thống hội viên",
    headingOf: (name) => `Sửa ${name}`,
    save: "Lưu và kiểm tra",
    saving: "Đang lưu",
    back: "Thôi",
    kind: "Loại",
    name: "Tên",
    nameHint: "Như mọi người ở đây gọi.",
    url: "Địa chỉ",
    plain: "Vẫn gửi không mã hóa",
    plainHint: "Ai ở cùng mạng đều đọc được mọi hội viên và mã bí mật.",
    settings: {
      app_id: "Mã ứng dụng",
      auth: "Đăng nhập bằng",
      user_name: "Tên đăng nhập",
      device_name: "Tên thiết bị",
      public_key: "Khóa công khai",
      path_prefix: "Đường dẫn trước /customers",
      version: "Phiên bản API",
    },
    examples: {
      app_id: "14e43e28-7e6d-461e-b1c9-7c54736f4331",
      user_name: "till-1",
      device_name: "till-1",
      public_key: "AKEXAMPLE7N3",
      path_prefix: "api/v1",
      version: "v2.1",
    },
    settingHints: {
      app_id: "Lấy trong trang quản trị của Lumyri.",
      path_prefix: "Để trống: như Portos mặc định.",
      version: "Để trống: v2.1.",
    },
    auths: {
      bearer: "Mã truy cập",
      jwt: "Tên và mật khẩu",
      nws4: "Cặp khóa",
      session: "Tên và mật khẩu",
    },
    secret: (kind, auth) => {
      if (kind === "head-office") return "Mã tham gia";
      if (kind === "stancer") return "Khóa bí mật";
      if (auth === "jwt" || auth === "session") return "Mật khẩu";
      if (auth === "nws4") return "Khóa riêng";
      return "Mã truy cập";
    },
    secretHint: (kind) => {
      if (kind === "head-office") return "Mã mà trụ sở đã đưa cho bạn.";
      if (kind === "stancer")
        return "Bắt đầu bằng stest_ cho hội viên thử, sprod_ cho hội viên thật. Hai loại không bao giờ trộn lẫn.";
      return "Được giữ trong kho khóa của máy này và không hiện lại.";
    },
    secretKept: "Đang giữ một mã. Để trống để giữ nguyên.",
    ca: "Chứng chỉ được tin cậy",
    caHint: "Chỉ khi máy chủ tự tạo: đoạn từ BEGIN đến END CERTIFICATE.",
    caKept: "Đang tin một chứng chỉ. Để trống để giữ nguyên.",
    caOpen: "Máy chủ có chứng chỉ riêng…",
    caForget: "Không tin chứng chỉ đó nữa",
    strangers: "Hội viên từ đó đến thuộc về",
    strangersHint: (name) => `${name} không cho biết ai thuộc cửa hàng nào.`,
  },
  can: {
    heading: "Giữ những gì",
    comes: "Hội viên đến",
    comesListed: "Tự đến, tất cả",
    comesFound: "Khi đăng ký ở đây, hoặc khi hỏi bằng số điện thoại",
    comesKnown: "Khi đăng ký ở đây",
    credit: "Số dư",
    creditThere: "Giữ ở đó, cho mọi quầy",
    creditHere: "Chỉ ở lại quầy này",
    creditTried: "Ở lại quầy này, cho đến khi đã thử được việc giữ ở đó",
    deleting: "Xóa",
    deletes: "Ở đó cũng xóa",
    deletesNot: "Không làm được từ đây",
    asking: "Tại quầy",
    asks: "Hỏi được về người quầy này chưa biết",
    asksNot: "Không hỏi được về người quầy này chưa biết",
    needs: "Hội viên mới cần",
    needsOf: (fields) => list(fields.map(needed)),
    needsNothing: "Tên và điện thoại, như mọi khi",
    there: "Được gửi đến đó",
    partly: "một phần",
    here: "Ở lại quầy này",
    count: (here, all) =>
      here === 0
        ? "Mọi điều quầy này biết về hội viên đều có chỗ ở đó."
        : `${forms.count(here)} trên ${forms.count(all)} mục không có chỗ ở đó. Các mục này ở lại quầy và không bao giờ được gửi đi.`,
  },
  shops: {
    heading: "Cửa hàng",
    shop: "Cửa hàng",
    system: "Đi cùng",
    posId: "Mã ở đó",
    alone: "không có: chỉ quầy này",
    counter: "quầy này",
    connect: "Kết nối…",
    connectOf: (shop) => `Kết nối ${shop}`,
    change: "Sửa…",
    changeOf: (shop) => `Sửa nơi giữ ${shop}`,
    settled: "Hội viên đã ở đó",
    serve: "Phục vụ ở đây",
    serveOf: (shop) => `Phục vụ ở đây: ${shop}`,
    add: "Thêm cửa hàng…",
    adding: "Thêm cửa hàng",
    addSave: "Thêm",
    addSaving: "Đang thêm",
    posIdCode: "Để trống: dùng mã cửa hàng.",
    served: "Quầy này sẽ giữ cả hội viên và số dư của cửa hàng đó. Quầy vẫn phục vụ cửa hàng hiện tại.",
    dialog: (shop) => `Kết nối ${shop}`,
    choose: "Chọn",
    posIdHint: "Trụ sở và CRMX phân biệt cửa hàng bằng mã. Nơi khác chỉ cần mã của chính cửa hàng.",
    moves:
      "Những gì đang chờ của cửa hàng này chuyển sang hệ thống mới. Hội viên đăng ký ở đây được gửi đến đó.",
    save: "Kết nối",
    saving: "Đang kết nối",
    back: "Thôi",
  },
};
