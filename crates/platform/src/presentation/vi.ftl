problem-presentation-beyond-purpose = Yêu cầu vượt quá mục đích đã đăng ký
problem-presentation-beyond-purpose-advice = Đơn vị chỉ được hỏi những dữ liệu đã đăng ký: { $what }.
problem-presentation-verifier-unknown = Không nhận ra đơn vị yêu cầu xuất trình
problem-presentation-other-browser = Kết quả này thuộc về trình duyệt khác
presentation-fault-query = dcql_query không đúng: { $why }.
presentation-fault-mode = response_mode là direct_post, direct_post.jwt, dc_api hoặc dc_api.jwt.
presentation-fault-prefix = client_id_prefix là x509_hash hoặc x509_san_dns.
presentation-fault-origin = Cần origin của trang web cho Digital Credentials API.
