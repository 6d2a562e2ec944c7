problem-registries-silent = { $source ->
    [id-card] Cơ sở dữ liệu căn cước hiện chưa trả lời
    [driving-licence] Cơ sở dữ liệu giấy phép lái xe hiện chưa trả lời
   *[population] Cơ sở dữ liệu quốc gia về dân cư hiện chưa trả lời
}
problem-registries-silent-advice = Chưa có gì bị mất hay thay đổi dở dang. Xin thử lại sau { $seconds } giây.
