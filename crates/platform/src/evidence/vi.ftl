problem-evidence-unavailable = Nơi lưu ảnh và dữ liệu chíp đang không dùng được.
problem-evidence-unavailable-advice = Xin thử lại sau { $seconds } giây.
