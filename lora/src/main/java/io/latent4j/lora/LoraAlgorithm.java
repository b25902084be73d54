package io.latent4j.lora;

/** A way to make a change of a weight of few numbers. */
public enum LoraAlgorithm {
    /** {@code up · down}, of layers that are matrices: linear ones and pointwise convolutions. */
    LORA("networks.lora", "lora"),
    /** The same, of all convolutions too. */
    LOCON("lycoris.kohya", "locon"),
    /** The elementwise product of two of them. */
    LOHA("lycoris.kohya", "loha"),
    /** The Kronecker product of a small whole matrix and one of low rank. */
    LOKR("lycoris.kohya", "lokr");

    private final String module;
    private final String algorithm;

    LoraAlgorithm(String module, String algorithm) {
        this.module = module;
        this.algorithm = algorithm;
    }

    /** What other programs call the code that reads such files. */
    String module() {
        return module;
    }

    /** What that code calls this way. */
    String algorithm() {
        return algorithm;
    }
}
