problem-registries-silent = { $source ->
    [id-card] The ID-card database does not answer at present
    [driving-licence] The driving-licence database does not answer at present
   *[population] The national population database does not answer at present
}
problem-registries-silent-advice = Nothing was lost or left half-done. Please try again in { $seconds } seconds.
