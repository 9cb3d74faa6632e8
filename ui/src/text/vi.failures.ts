// Mỗi mã lỗi một câu: chuyện gì, và làm gì tiếp.

import type { Text } from "./en";
import { countIn, moneyIn, wordIn } from "./facts";
import { forms } from "./vi.forms";

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
  time_zone_unknown: "Không rõ múi giờ của máy này. Hãy chỉnh múi giờ trong cài đặt của máy rồi thử lại.",
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
    "Dữ liệu của quầy này bị hỏng. Không có gì bị xóa: tệp được giữ riêng. Hãy gọi người phụ trách quầy trước khi làm tiếp.",
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
  certificate_invalid: "Không đọc được chứng chỉ này. Hãy xin lại trụ sở.",
  secret_missing: "Quầy này chưa có mã của trụ sở. Hãy xin trụ sở một mã.",
  change_state: "Thay đổi này không còn chờ ai nữa.",
  internal: "Chương trình gặp lỗi. Không có gì bị mất; hãy thử lại.",
};
