// Trains a small network on the first names that come with the library, and prints names that it makes up.
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model;
using Makemore.Gpu.Model.Recipes;

using var device = ComputeDevice.Open();
using var model = new LanguageModel(device, NameList.Embedded, Recipe.Default with { Hidden = [64] });
model.Train(new TrainingOptions { Steps = 10_000 });
Console.WriteLine($"loss of the dev split: {model.Evaluate().Dev:F4}");
Console.WriteLine(string.Join('\n', model.Sample(6)));
