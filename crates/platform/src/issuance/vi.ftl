problem-issuance-level-needed = Chưa có căn cước điện tử
problem-issuance-level-needed-advice = Căn cước điện tử có khi tài khoản mức 2 đã được duyệt và kích hoạt. Xin đến công an xã, phường bất kỳ để làm mức 2.
problem-issuance-locked = Căn cước điện tử đang bị khóa hoặc đã bị thu hồi
problem-issuance-locked-advice = Mở khóa trước khi thêm giấy tờ vào ví.
problem-issuance-no-licence = Không có giấy phép lái xe còn hiệu lực
problem-issuance-no-licence-advice = Cơ sở dữ liệu giấy phép lái xe không có giấy phép nào của quý vị đang dùng được.
