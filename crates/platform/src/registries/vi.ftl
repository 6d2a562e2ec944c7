problem-registries-silent = { $source ->
    [id-card] Cơ sở dữ liệu căn cước hiện chưa trả lời
    [driving-licence] Cơ sở dữ liệu giấy phép lái xe hiện chưa trả lời
    [former-licence] Dữ liệu giấy phép lái xe cũ hiện chưa trả lời
    [residence] Cơ sở dữ liệu về cư trú hiện chưa trả lời
    [civil-status] Cơ sở dữ liệu hộ tịch điện tử hiện chưa trả lời
    [vehicle] Cơ sở dữ liệu đăng ký xe hiện chưa trả lời
    [health-insurance] Cơ sở dữ liệu bảo hiểm y tế hiện chưa trả lời
    [social-insurance] Cơ sở dữ liệu bảo hiểm xã hội hiện chưa trả lời
    [tax] Cơ sở dữ liệu thuế hiện chưa trả lời
    [passport] Cơ sở dữ liệu hộ chiếu hiện chưa trả lời
    [justice] Cơ sở dữ liệu lý lịch tư pháp hiện chưa trả lời
    [health-record] Hệ thống hồ sơ sức khỏe điện tử hiện chưa trả lời
   *[population] Cơ sở dữ liệu quốc gia về dân cư hiện chưa trả lời
}
problem-registries-silent-advice = Chưa có gì bị mất hay thay đổi dở dang. Xin thử lại sau { $seconds } giây.
