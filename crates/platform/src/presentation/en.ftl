problem-presentation-beyond-purpose = The request goes beyond the registered purpose
problem-presentation-beyond-purpose-advice = A verifier asks for what it was registered for and nothing else: { $what }.
problem-presentation-verifier-unknown = The verifier is not known
problem-presentation-other-browser = This outcome belongs to another browser
presentation-fault-query = dcql_query is not right: { $why }.
presentation-fault-mode = response_mode is direct_post, direct_post.jwt, dc_api or dc_api.jwt.
presentation-fault-prefix = client_id_prefix is x509_hash or x509_san_dns.
presentation-fault-origin = The origin of the page is needed for the Digital Credentials API.
