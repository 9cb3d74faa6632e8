// Mỗi mã lỗi một câu: chuyện gì, và làm gì tiếp.

import type { Text } from "./en";
import { countIn, moneyIn, wordIn } from "./facts";
import { blockedWords } from "./vi.cards";
import { forms } from "./vi.forms";
import { remoteFailures } from "./vi.remotes";

export const failures: Text["failures"] = {
  required: "Cần điền ô này.",
  too_long: (facts) => {
    const max = countIn(facts, "max");
    return max === null ? "Nội dung quá dài." : `Chỉ được tối đa ${forms.count(max)} ký tự.`;
  },
  invalid_character: "Có một ký tự không hiển thị được. Hãy gõ lại bằng tay.",
  member_invalid: "Chưa lưu được thông tin này. Hãy kiểm tra từng ô.",
  phone_invalid: "Số điện thoại có từ 5 đến 18 chữ số, có thể có dấu cách, + hoặc - ở giữa.",
  email_invalid: "Email có dạng ten@example.com.",
  birthday_invalid: "Không có ngày này. Viết ngày tháng, ví dụ 30 5, hoặc thêm năm, ví dụ 30 5 1996.",
  amount_invalid: "Đây không phải là số tiền.",
  amount_not_positive: "Số tiền phải lớn hơn không.",
  amount_too_large: "Số tiền lớn hơn mức một tài khoản chứa được.",
  amount_too_precise: "Loại tiền này có ít số lẻ hơn.",
  currency_differs: (facts) => {
    const expected = wordIn(facts, "expected");
    return expected ? `Tài khoản này dùng ${expected}.` : "Tài khoản này dùng loại tiền khác.";
  },
  currency_unknown: "Loại tiền này không còn dùng.",
  country_unknown: "Không rõ quốc gia này.",
  time_zone_unknown: "Không có múi giờ này. Hãy chọn múi giờ khác, hoặc chỉnh múi giờ của máy, rồi thử lại.",
  issuer_booked: "Không đổi được nữa: cửa hàng này đã ghi số dư.",
  issuer_shared: "Không đổi được: hệ thống hội viên của cửa hàng này giữ một số dư cho mọi cửa hàng.",
  location_code_invalid: "Mã có từ 1 đến 16 chữ cái, chữ số hoặc dấu gạch ngang.",
  tender_invalid: "Hãy chọn cách trả tiền.",
  insufficient_credit: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount ? `Chỉ còn ${forms.money(amount)}.` : "Số dư không đủ.";
  },
  offline_allowance: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Bây giờ dùng được tối đa ${forms.money(amount)}, phần còn lại khi có kết nối.`
      : "Khi có kết nối mới dùng được.";
  },
  member_not_found: "Hội viên này không còn ở quầy này. Hãy tìm lại.",
  location_not_found: "Quầy này không biết cửa hàng đó.",
  till_in_use: "Regulars đang mở dữ liệu của quầy này ở cửa sổ khác. Hãy đóng cửa sổ kia rồi thử lại.",
  key_lost:
    "Không còn chìa khóa dữ liệu của quầy này trong kho khóa của máy. Dữ liệu không bị xóa. Hãy đăng nhập máy bằng người đã cài đặt quầy, hoặc khôi phục chìa khóa, rồi thử lại.",
  key_wrong:
    "Chìa khóa trong kho khóa của máy không đúng với dữ liệu của quầy này. Dữ liệu không bị xóa. Hãy đặt lại chìa khóa đúng rồi thử lại.",
  keystore_unavailable:
    "Kho khóa của máy không trả lời. Hãy mở khóa, hoặc đăng nhập lại vào máy, rồi thử lại.",
  key_in_file_needed: "Đánh dấu ô này để tiếp tục, hoặc cài kho khóa cho máy rồi mở lại Regulars.",
  file_plain:
    "Dữ liệu của quầy này không được mã hóa, nên không phải do chương trình này tạo ra. Chưa có gì bị thay đổi. Hãy chuyển tệp đó đi chỗ khác rồi thử lại.",
  file_damaged:
    "Dữ liệu của quầy này bị hỏng. Hãy đóng Regulars rồi mở lại: phần đọc được sẽ được cứu, việc đã làm ở đây được lấy lại từ nhật ký, và tệp hỏng vẫn được giữ.",
  file_missing: "Dữ liệu của quầy này không còn ở chỗ cũ. Hãy đưa thư mục trở lại rồi thử lại.",
  file_newer: "Dữ liệu này đã được dùng bởi bản Regulars mới hơn. Hãy cài bản mới nhất rồi thử lại.",
  disk_full: "Ổ đĩa đã đầy nên chưa lưu được gì. Hãy giải phóng chỗ trống rồi thử lại.",
  url_invalid: "Đây không phải là địa chỉ, ví dụ office.example.com.",
  plain_http_refused: "Địa chỉ này không được mã hóa. Hãy dùng địa chỉ bắt đầu bằng https://.",
  join_code_invalid: "Trụ sở không nhận ra mã này. Hãy kiểm tra lại, hoặc xin mã mới.",
  token_refused: "Trụ sở không chấp nhận mã của quầy này. Hãy xin trụ sở mã mới.",
  unreachable: "Không liên lạc được với trụ sở. Hãy kiểm tra mạng; quầy này vẫn tiếp tục thử.",
  not_head_office: "Ở địa chỉ này không có trụ sở. Hãy kiểm tra địa chỉ.",
  server_error: "Trụ sở đang có lỗi. Quầy này sẽ tự thử lại.",
  rate_limited: "Trụ sở đề nghị chờ một lát. Quầy này sẽ tự thử lại.",
  conflict: "Có người khác đã đổi cùng nội dung này ở trụ sở.",
  member_unknown: "Trụ sở không có hội viên này.",
  location_unknown: "Trụ sở không có cửa hàng này.",
  location_not_allowed: "Trụ sở không cho quầy này làm việc cho cửa hàng này. Hãy đề nghị trụ sở cho phép.",
  money_cannot_be_discarded: "Không thể bỏ khoản tiền đã nhận. Hãy thử lại, hoặc gọi trụ sở.",
  has_dependents: "Có thay đổi khác dựa trên thay đổi này. Hãy xử lý các thay đổi đó trước.",
  change_not_found: "Thay đổi này đã được xử lý.",
  not_a_member_here: "Người này chưa là hội viên của cửa hàng này. Hãy nhận vào trước.",
  answer_incomplete: "Câu trả lời của trụ sở bị đứt giữa chừng. Quầy này sẽ tự hỏi lại.",
  answer_invalid:
    "Không đọc được câu trả lời của trụ sở. Quầy này sẽ tự hỏi lại; hãy gọi trụ sở nếu vẫn vậy.",
  timeout: "Trụ sở đang quá bận. Quầy này sẽ tự thử lại.",
  too_large: "Trụ sở không nhận nhiều như vậy một lúc. Hãy rút ngắn nội dung, hoặc gọi trụ sở.",
  not_allowed: "Trụ sở không cho quầy này làm việc đó. Hãy đề nghị trụ sở cho phép.",
  member_deleted: "Hội viên này đã bị xóa ở trụ sở. Hãy gọi trụ sở trước khi tiếp tục.",
  account_invalid: "Trụ sở ghi tài khoản này cho hội viên khác. Hãy gọi trụ sở.",
  entry_differs: "Trụ sở có khoản này với số tiền khác. Hãy gọi trụ sở.",
  change_id_reused: "Trụ sở đã có thay đổi khác mang số này. Hãy thử lại.",
  number_reused: "Trụ sở đã có thay đổi khác mang số này. Hãy thử lại.",
  protocol_unsupported: "Trụ sở dùng phiên bản khác. Hãy cài Regulars mới nhất ở đây hoặc ở trụ sở.",
  already_set_up: "Quầy này đã được cài đặt. Hãy mở lại Regulars.",
  not_set_up: "Quầy này chưa được cài đặt. Hãy mở lại Regulars.",
  disk_failed: "Không ghi được vào ổ đĩa nên chưa lưu được gì. Hãy kiểm tra ổ đĩa rồi thử lại.",
  sidecar_missing:
    "Một tệp thuộc dữ liệu của quầy bị thiếu hoặc không đọc được. Không có gì bị xóa. Hãy đưa till.key.json trở lại rồi thử lại.",
  certificate_invalid: "Không đọc được chứng chỉ này. Chứng chỉ bắt đầu bằng -----BEGIN CERTIFICATE-----.",
  secret_missing: "Quầy này chưa có mã của trụ sở. Hãy xin trụ sở một mã.",
  change_state: "Thay đổi này không còn chờ ai nữa.",
  too_many: (facts) => {
    const max = countIn(facts, "max");
    return max === null ? "Nhiều quá." : `Chỉ được tối đa ${forms.count(max)} mục.`;
  },
  instant_invalid: "Đây không phải là thời điểm. Viết ngày, ví dụ 30 5 2027.",
  date_invalid: "Không có ngày này. Viết ngày, tháng và năm, ví dụ 30 5 2027.",
  days_invalid: "Đây không phải số ngày. Hãy viết bằng chữ số, ví dụ 30.",
  label_not_added: "Hãy thêm nhãn mới, hoặc xóa ô đó.",
  key_twice: "Tên này đã có ở trên. Hãy dùng tên khác.",
  percent_invalid: "Phần trăm từ 0 đến 100, tối đa hai số lẻ, ví dụ 2,5.",
  not_cashable: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Chỉ rút được tối đa ${forms.money(amount)}. Tiền thưởng chỉ dùng để mua hàng.`
      : "Không rút được: tiền thưởng chỉ dùng để mua hàng.";
  },
  more_than_bill: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Hóa đơn là ${forms.money(amount)}. Chỉ dùng được tối đa bằng đó.`
      : "Số này lớn hơn hóa đơn. Hãy dùng ít hơn.";
  },
  return_too_large: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Hóa đơn này chỉ hoàn lại được tối đa ${forms.money(amount)}.`
      : "Số này lớn hơn phần còn hoàn lại được của hóa đơn.";
  },
  entry_not_found: "Khoản này không có trong tài khoản. Hãy mở lại hội viên.",
  sold_by_another: "Công ty khác nợ khoản này. Hãy nhận trả hàng ở một cửa hàng của công ty đó.",
  already_voided: "Khoản này đã được hủy rồi.",
  void_not_latest: "Chỉ hủy được khoản mới nhất. Hãy điều chỉnh và ghi lý do.",
  void_other_till: "Chỉ người đã ghi khoản này mới hủy được, ở cùng quầy. Hãy điều chỉnh và ghi lý do.",
  void_too_late: (facts) => {
    const minutes = countIn(facts, "minutes");
    return minutes === null
      ? "Đã quá lúc để hủy. Hãy điều chỉnh và ghi lý do."
      : `Khoản này chỉ hủy được trong ${forms.count(minutes)} phút. Hãy điều chỉnh và ghi lý do.`;
  },
  void_spent: "Số dư này không còn đủ nữa. Hãy điều chỉnh và ghi lý do.",
  void_not_possible: "Khoản loại này không hủy được. Hãy điều chỉnh và ghi lý do.",
  position_invalid: "Vĩ độ từ −90 đến 90, kinh độ từ −180 đến 180, ví dụ 21,0313 và 105,8141.",
  picture_too_large: (facts) => {
    const max = countIn(facts, "max");
    return max === null
      ? "Ảnh này quá lớn. Hãy chọn ảnh nhỏ hơn."
      : `Ảnh này quá lớn: tối đa ${forms.count(max)} MB. Hãy chọn ảnh nhỏ hơn.`;
  },
  picture_invalid: "Đây không phải ảnh đọc được. Hãy chọn tệp JPEG, PNG, GIF hoặc BMP.",
  consent_invalid: "Không đọc được sự đồng ý này. Hãy bỏ dấu rồi đánh dấu lại.",
  validity_invalid: "Ngày cuối trước ngày đầu.",
  color_invalid: "Đây không phải là màu, ví dụ #205d3b. Hãy chọn một màu có sẵn.",
  member_on_hold: (facts) => {
    const reason = wordIn(facts, "reason");
    return reason
      ? `Hội viên này đang tạm giữ: ${reason}`
      : "Hội viên này đang tạm giữ. Cần có người bỏ tạm giữ trước.";
  },
  card_needed: "Hãy chọn thẻ nào.",
  card_check: "Số này bị gõ nhầm: ký tự cuối không khớp. Hãy gõ lại, hoặc quét thẻ.",
  card_taken: "Thẻ này là của hội viên khác. Hãy lấy thẻ khác.",
  card_not_found: "Quầy này không biết thẻ đó. Hãy kiểm tra số thẻ.",
  card_refused: (facts) => cardRefused(wordIn(facts, "state"), wordIn(facts, "reason")),
  card_not_blocked: "Thẻ này không bị khóa.",
  card_blocked_already: "Thẻ này đã khóa rồi.",
  block_reason_invalid: "Hãy chọn lý do.",
  choice_missing: "Còn mục chưa chọn.",
  choice_invalid: "Mục này không còn phải chọn nữa. Hãy xem lại những gì đang hiện.",
  decision_not_found: "Không còn quyết định đó nữa.",
  merge_with_itself: "Đây là cùng một hội viên rồi.",
  not_merged: "Hội viên này chưa được gộp với ai.",
  balance_not_settled: (facts) => {
    const amount = moneyIn(facts, "amount");
    if (amount === null) return "Tài khoản này vẫn còn số dư. Hãy giải quyết trước.";
    return amount.minor < 0
      ? `Hội viên còn nợ ${forms.withoutSign(amount)}. Hãy giải quyết trước.`
      : `Tài khoản này vẫn còn ${forms.money(amount)}. Hãy dùng hoặc rút ra trước.`;
  },
  remote_not_found: "Quầy này không còn biết trụ sở đó. Hãy mở phần cài đặt.",
  call_invalid: "Chương trình gặp lỗi. Không có gì bị mất; hãy thử lại.",
  printer_address_invalid: "Đây không phải địa chỉ máy in, ví dụ 192.168.1.50 hoặc 192.168.1.50:9100.",
  printer_unreachable: "Không liên lạc được với máy in. Hãy kiểm tra nguồn, dây và mạng của máy in.",
  printer_timeout: "Máy in không nhận phiếu. Hãy kiểm tra giấy và nắp máy.",
  number_out_of_range: (facts) => {
    const [min, max] = [countIn(facts, "min"), countIn(facts, "max")];
    return min === null || max === null
      ? "Số này quá nhỏ hoặc quá lớn."
      : `Từ ${forms.count(min)} đến ${forms.count(max)}.`;
  },
  limit_out_of_range: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Nhiều nhất ${forms.money(amount)}.`
      : "Số tiền này nhiều hơn mức một tài khoản chứa được.";
  },
  import_runs: "Đang nhập một danh sách. Hãy chờ xong, hoặc dừng lại.",
  twin: (facts) => {
    const name = wordIn(facts, "name");
    const signs: Record<string, string> = { phone: "số điện thoại", email: "email", birthday: "ngày sinh" };
    return name
      ? `${name} có cùng ${signs[wordIn(facts, "sign") ?? ""] ?? "thông tin"}. Nhận vào như người mới: hãy gộp lại nếu là một người.`
      : "Có thể là người đã có ở đây. Nhận vào như người mới: hãy gộp lại nếu là một người.";
  },
  opening_exists: "Hội viên này đã có số dư đầu kỳ. Không ghi hai lần.",
  receipt_not_found: "Quầy này không biết lần mua nào của thành viên với số hoá đơn đó.",
  total_differs: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Tổng số dư đầu kỳ là ${forms.money(amount)}, khác với số bạn đã nhập.`
      : "Tổng số dư đầu kỳ khác với số bạn đã nhập.";
  },
  batch_not_found: "Quầy này chưa nhập danh sách nào như vậy. Hãy mở lại phần nhập.",
  proof_needed: (facts) => {
    const amount = moneyIn(facts, "amount");
    return amount
      ? `Trên ${forms.money(amount)} thì cần thẻ của hội viên. Hãy quét thẻ.`
      : "Việc này cần thẻ của hội viên. Hãy quét thẻ.";
  },
  file_empty: "Tệp này trống. Hãy chọn tệp khác.",
  file_failed: "Không đọc được tệp này. Hãy đóng tệp ở chương trình khác rồi chọn lại.",
  file_too_large: (facts) => {
    const max = countIn(facts, "max_bytes");
    return max === null
      ? "Tệp này quá lớn. Hãy chia thành các tệp nhỏ hơn."
      : `Tệp này lớn hơn ${forms.count(Math.floor(max / 1_000_000))} MB. Hãy chia thành các tệp nhỏ hơn.`;
  },
  not_a_spreadsheet_text:
    "Đây không phải tệp CSV. Trong chương trình bảng tính, hãy lưu dạng CSV (UTF-8) rồi chọn tệp đó.",
  too_many_columns: (facts) => {
    const max = countIn(facts, "max");
    return max === null
      ? "Tệp này có quá nhiều cột. Hãy chỉ giữ các cột cần dùng."
      : `Tệp này có hơn ${forms.count(max)} cột. Hãy chỉ giữ các cột cần dùng.`;
  },
  too_many_rows: (facts) => {
    const max = countIn(facts, "max");
    return max === null
      ? "Tệp này có quá nhiều dòng. Hãy chia thành các tệp nhỏ hơn."
      : `Tệp này có hơn ${forms.count(max)} dòng. Hãy chia thành các tệp nhỏ hơn.`;
  },
  quote_unclosed: (facts) => {
    const row = countIn(facts, "row");
    return row === null
      ? "Có dấu ngoặc kép mở mà không đóng. Hãy đóng lại trong tệp."
      : `Dòng ${forms.count(row)} có dấu ngoặc kép mở mà không đóng. Hãy đóng lại trong tệp.`;
  },
  row_too_wide: "Dòng này có nhiều ô hơn số cột. Ô có dấu phân cách bên trong cần đặt trong ngoặc kép.",
  mapping_invalid: "Chưa rõ cột nào là ô nào. Hãy chọn lại các ô.",
  column_unknown: "Tệp này không có cột đó. Hãy chọn lại các cột.",
  column_ambiguous: "Có nhiều cột cùng tên này. Hãy đặt tên khác nhau trong tệp.",
  column_missing: "Không cột nào có nội dung này mà lại cần có. Hãy chọn cột.",
  field_unknown: "Không có ô này. Hãy chọn một ô trong danh sách.",
  field_twice: "Hai cột được chọn cho cùng một ô. Hãy chọn một cột.",
  phone_rounded:
    "Chương trình bảng tính đã làm tròn số điện thoại này, các số cuối bị mất. Hãy định dạng cột là văn bản rồi lưu lại.",
  card_rounded:
    "Chương trình bảng tính đã làm tròn số thẻ này, các số cuối bị mất. Hãy định dạng cột là văn bản rồi lưu lại.",
  amount_rounded: "Chương trình bảng tính đã làm tròn số tiền này. Hãy định dạng cột là văn bản rồi lưu lại.",
  number_rounded:
    "Chương trình bảng tính đã làm tròn số này, các số cuối bị mất. Hãy định dạng cột là văn bản rồi lưu lại.",
  amount_ambiguous: "Số tiền này đọc được theo hai cách. Hãy viết không có dấu giữa các hàng nghìn.",
  text_unreadable: "Có ký tự trong ô này không đọc được. Hãy lưu tệp dạng CSV (UTF-8) rồi chọn lại.",
  internal: "Chương trình gặp lỗi. Không có gì bị mất; hãy thử lại.",
  ...remoteFailures,
};

/** "Thẻ này đã khóa (bị mất). ..." */
function cardRefused(state: string | null, reason: string | null): string {
  switch (state) {
    case "blocked":
      return `Thẻ này ${blockedWords(reason).toLowerCase()}. Hãy hỏi thẻ khác, hoặc số điện thoại.`;
    case "expired":
      return "Thẻ này đã hết hạn. Hãy hỏi thẻ khác, hoặc số điện thoại.";
    case "not_yet_valid":
      return "Thẻ này chưa đến ngày dùng. Hãy hỏi thẻ khác, hoặc số điện thoại.";
    default:
      return "Thẻ này không dùng được. Hãy hỏi thẻ khác, hoặc số điện thoại.";
  }
}
