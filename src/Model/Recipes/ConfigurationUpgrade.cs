using System.Text.Json.Nodes;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>Configurations as earlier versions of the program wrote them.</summary>
static class ConfigurationUpgrade
{
    /// <summary>A configuration under the names that this version reads.</summary>
    /// <param name="json">The JSON of any version.</param>
    /// <returns>The same JSON where it is this version's.</returns>
    /// <exception cref="System.Text.Json.JsonException">It is no JSON.</exception>
    public static string Upgrade(string json)
    {
        if (JsonNode.Parse(json) is not JsonObject configuration || configuration["recipe"] is not JsonObject recipe)
        {
            return json;
        }
        // Version 0.1 had a flag in place of the activation, and "normalisation" with an s.
        bool isOld = false;
        if (recipe["has_tanh"] is JsonValue flag && flag.TryGetValue(out bool hasTanh))
        {
            recipe.Remove("has_tanh");
            recipe["activation"] = hasTanh ? "tanh" : "none";
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
        return isOld ? configuration.ToJsonString() : json;
    }
}
