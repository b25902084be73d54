package io.latent4j.lora;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A tensor's name in an adapter file, taken apart.
 *
 * @param layer the layer as the file calls it
 * @param role what the tensor is to the layer
 * @param naming whose way of naming it is; empty for {@code .alpha}, which several have
 */
record LoraKey(String layer, Role role, Optional<LoraNaming> naming) {
    private static final Pattern PEFT_FACTOR = Pattern.compile("(.+)\\.lora_([AB])(?:\\.[^.]+)?\\.weight");
    private static final Pattern PEFT_MAGNITUDE =
            Pattern.compile("(.+)\\.lora_magnitude_vector(?:\\.[^.]+)??(?:\\.weight)?");
    private static final Pattern PROCESSOR =
            Pattern.compile("(.+?)(?:\\.processor)?\\.to_(q|k|v|out)_lora\\.(down|up)\\.weight");
    private static final Pattern XLABS =
            Pattern.compile("(.+\\.processor\\.(?:qkv|proj)_lora[12]?)\\.(down|up)\\.weight");
    private static final String OF_TEXT = ".self_attn"; // what a text encoder's attention is called

    private static final Map<String, Role> KOHYA = kohya();

    private static final Map<String, Role> DIFFUSERS = Map.of(
            ".lora.down.weight", Role.DOWN,
            ".lora.up.weight", Role.UP,
            ".lora_linear_layer.down.weight", Role.DOWN,
            ".lora_linear_layer.up.weight", Role.UP);

    /** Endings of the tensors of adapters that are not supported, and what these are. */
    private static final Map<String, String> UNSUPPORTED = Map.ofEntries(
            Map.entry(".diff", "full differences"),
            Map.entry(".diff_b", "differences of biases"),
            Map.entry(".lora_B.bias", "LoRA with biases"),
            Map.entry(".lora_up.bias", "LoRA with biases"),
            Map.entry(".bias_values", "LyCORIS biases"),
            Map.entry(".on_input", "IA3"),
            Map.entry(".oft_blocks", "OFT"),
            Map.entry(".oft_diag", "OFT"),
            Map.entry(".oft_R.weight", "OFT"),
            Map.entry(".a1.weight", "GLoRA"),
            Map.entry(".b1.weight", "GLoRA"),
            Map.entry(".w_norm", "norm layers"),
            Map.entry(".b_norm", "norm layers"));

    private static Map<String, Role> kohya() {
        Map<String, Role> endings = new LinkedHashMap<>();
        endings.put(".lora_down.weight", Role.DOWN);
        endings.put(".lora_up.weight", Role.UP);
        endings.put(".lora_mid.weight", Role.MID);
        endings.put(".dora_scale", Role.DORA_SCALE);
        for (Role role : Role.values()) {
            if (role.name().startsWith("HADA_") || role.name().startsWith("LOKR_")) {
                endings.put("." + role.name().toLowerCase(Locale.ROOT), role);
            }
        }
        return endings;
    }

    /** What kohya's names of tensors of a role end with. */
    static String kohyaEnding(Role role) {
        return KOHYA.entrySet().stream()
                .filter(ending -> ending.getValue() == role)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no name for " + role))
                .getKey();
    }

    /** Takes a name apart; empty for one that is no adapter's. */
    static Optional<LoraKey> of(String key) {
        Matcher processor = PROCESSOR.matcher(key);
        if (processor.matches()) {
            Role role = processor.group(3).equals("down") ? Role.DOWN : Role.UP;
            String attention = processor.group(1);
            return found(attention + "." + projection(attention, processor.group(2)), role, LoraNaming.PROCESSORS);
        }
        Matcher xlabs = XLABS.matcher(key);
        if (xlabs.matches()) {
            return found(xlabs.group(1), xlabs.group(2).equals("down") ? Role.DOWN : Role.UP, LoraNaming.XLABS);
        }
        Matcher factor = PEFT_FACTOR.matcher(key);
        if (factor.matches()) {
            return found(factor.group(1), factor.group(2).equals("A") ? Role.DOWN : Role.UP, LoraNaming.PEFT);
        }
        Matcher magnitude = PEFT_MAGNITUDE.matcher(key);
        if (magnitude.matches()) {
            return found(magnitude.group(1), Role.MAGNITUDE, LoraNaming.PEFT);
        }
        if (key.endsWith(".alpha")) {
            return Optional.of(new LoraKey(without(key, ".alpha"), Role.ALPHA, Optional.empty()));
        }
        return ending(key, KOHYA, LoraNaming.KOHYA).or(() -> ending(key, DIFFUSERS, LoraNaming.DIFFUSERS));
    }

    /** The oldest files have one name for a projection of both kinds of attention. */
    private static String projection(String attention, String name) {
        if (attention.endsWith(OF_TEXT)) {
            return name + "_proj";
        }
        return name.equals("out") ? "to_out.0" : "to_" + name;
    }

    private static Optional<LoraKey> ending(String key, Map<String, Role> endings, LoraNaming naming) {
        return endings.entrySet().stream()
                .filter(ending -> key.endsWith(ending.getKey()))
                .findFirst()
                .flatMap(ending -> found(without(key, ending.getKey()), ending.getValue(), naming));
    }

    private static Optional<LoraKey> found(String layer, Role role, LoraNaming naming) {
        return Optional.of(new LoraKey(layer, role, Optional.of(naming)));
    }

    private static String without(String key, String ending) {
        return key.substring(0, key.length() - ending.length());
    }

    /** The kind of adapter that {@code key} is of, where it is one that is known but not supported. */
    static Optional<String> unsupportedKind(String key) {
        return UNSUPPORTED.entrySet().stream()
                .filter(ending -> key.endsWith(ending.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
