problem-registries-silent = { $source ->
    [id-card] The ID-card database does not answer at present
    [driving-licence] The driving-licence database does not answer at present
    [former-licence] The former register of licences does not answer at present
    [residence] The residence database does not answer at present
    [civil-status] The civil-status database does not answer at present
    [vehicle] The vehicle-registration database does not answer at present
    [health-insurance] The health-insurance database does not answer at present
    [social-insurance] The social-insurance database does not answer at present
    [tax] The tax database does not answer at present
    [passport] The passport database does not answer at present
    [justice] The judicial-record database does not answer at present
    [health-record] The health-record system does not answer at present
   *[population] The national population database does not answer at present
}
problem-registries-silent-advice = Nothing was lost or left half-done. Please try again in { $seconds } seconds.
