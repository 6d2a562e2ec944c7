# Notices speak with the sentences of the capability that sends them.
notices-subject = Thông báo của VNeID
