using System.Text.Json;
using System.Text.Json.Nodes;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>Configurations as earlier versions of the program wrote them.</summary>
static class ConfigurationUpgrade
{
    // As configurations are written: a line number in an error is then that of the file.
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>A configuration under the names that this version reads.</summary>
    /// <param name="json">The JSON of any version.</param>
    /// <returns>The same JSON where it is this version's, or where it is broken: the reader then says where.</returns>
    /// <exception cref="JsonException">A setting that only earlier versions have is not what it must be.</exception>
    public static string Upgrade(string json)
    {
        try
        {
            if (JsonNode.Parse(json) is not JsonObject configuration || configuration["recipe"] is not JsonObject recipe)
            {
                return json;
            }

            // Version 0.1 drew the normalizations from the network's generator.
            bool isOld = configuration.TryAdd("normalization_seed", null);
            return Upgrade(recipe) || isOld ? configuration.ToJsonString(Indented) : json;
        }
        catch (Exception fault) when (fault is JsonException { Path: null } or ArgumentException or InvalidOperationException)
        {
            return json;
        }
    }

    // Version 0.1 had a flag in place of the activation, and "normalisation" with an s.
    static bool Upgrade(JsonObject recipe)
    {
        bool isOld = false;
        if (recipe.Remove("has_tanh", out JsonNode? flag))
        {
            recipe["activation"] = flag is JsonValue value && value.TryGetValue(out bool hasTanh)
                ? hasTanh ? "tanh" : "none"
                : throw new JsonException("has_tanh must be true or false", "$.recipe.has_tanh", null, null);
            isOld = true;
        }
        if (recipe.Remove("normalisation", out JsonNode? normalization))
        {
            if (normalization is JsonObject settings && settings.Remove("running_spread", out JsonNode? statistic))
            {
                settings["running_statistic"] = statistic;
            }
            recipe["normalization"] = normalization;
            isOld = true;
        }
        return UpgradeL2(recipe) || isOld;
    }

    // Version 0.1 had three coefficients, of the table and of the hidden and last weights, in place of names of tensors.
    static bool UpgradeL2(JsonObject recipe)
    {
        if (recipe["l2"] is not JsonObject l2 || !l2.ContainsKey("embedding"))
        {
            return false;
        }
        (double embedding, double hidden, double output) = (Coefficient("embedding"), Coefficient("hidden"), Coefficient("output"));
        int layers = recipe["hidden"] is JsonArray widths ? widths.Count : 1;
        bool isListed = layers > 1 || recipe["output_gain"] is not null;
        int apart = 1 + (recipe["normalization"] is null ? 0 : 1) + ((string?)recipe["activation"] == "none" ? 0 : 1);
        var named = new JsonObject();
        Add("C", embedding);
        for (int layer = 0; layer <= layers; layer++)
        {
            Add(isListed ? $"layers.{layer * apart}.weight" : $"W{layer + 1}", layer < layers ? hidden : output);
        }
        recipe["l2"] = named;
        return true;

        double Coefficient(string name) => (double)(l2[name] ?? throw new JsonException($"{name} is missing", "$.recipe.l2", null, null));

        void Add(string tensor, double coefficient)
        {
            if (coefficient != 0)
            {
                named[tensor] = coefficient;
            }
        }
    }
}
