package io.latent4j.conformance;

/** How a case ended. */
public enum Status {
    /** Every number is within its tolerance. */
    PASS("pass"),
    /** A number is not, or the case could not be run to its end. */
    FAIL("FAIL"),
    /** latent4j does not do what the case asks for; whatever could be compared agreed. */
    NOT_COVERED("not covered");

    private final String label;

    Status(String label) {
        this.label = label;
    }

    /** As it is printed. */
    public String label() {
        return label;
    }
}
