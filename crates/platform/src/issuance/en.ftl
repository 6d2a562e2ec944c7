problem-issuance-level-needed = There is no electronic identity card yet
problem-issuance-level-needed-advice = It is issued with level 2, once that is approved and activated. Please go to any commune police to apply for level 2.
problem-issuance-locked = The electronic identity card is locked or withdrawn
problem-issuance-locked-advice = Unlock it before you add documents to a wallet.
problem-issuance-no-licence = There is no driving licence in force
problem-issuance-no-licence-advice = The driving-licence database knows of none of yours that can be used.
