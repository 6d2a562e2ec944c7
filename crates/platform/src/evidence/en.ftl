problem-evidence-unavailable = The place where pictures and chip data are kept cannot be used now.
problem-evidence-unavailable-advice = Try again in { $seconds } seconds.
