// Four lanes: the 16 bytes that a thread of a GPU reads and writes with one instruction.
global using Quad = Makemore.Gpu.Kernels.Lanes.Pair<Makemore.Gpu.Kernels.Lanes.Pair<Makemore.Gpu.Kernels.Lanes.Scalar>>;
